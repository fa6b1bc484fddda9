int f(void) { return VALUE; }
