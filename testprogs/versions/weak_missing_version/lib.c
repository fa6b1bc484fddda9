#ifndef NO_F
int f(void) { return 0; }
#endif
int g(void) { return 0; }
