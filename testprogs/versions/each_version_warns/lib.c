int f(void) { return VALUE; }
int g(void) { return VALUE + 1; }
