int foo(void) { return 3; }
