__asm__(".symver f_1, f@V1\n.symver f_2, f@@V2");
int f_1(void) { return 1; }
int f_2(void) { return 2; }
