int f(void) { return 5; }
int (*library_address(void))(void) { return f; }
