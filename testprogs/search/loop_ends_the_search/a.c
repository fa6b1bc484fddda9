int of_a(void) { return 1; }
