int f(void) { return 1; }
int datum = 2;
