__asm__(".symver f_2, f@V2");
int f_2(void) { return 2; }
int other(void) { return 0; }
