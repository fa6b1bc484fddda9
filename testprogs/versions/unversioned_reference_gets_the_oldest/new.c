__asm__(".symver f_1, f@V1\n.symver f_3, f@@V3\n.symver g_2, g@V2\n.symver g_3, g@@V3\n.symver h_2, h@@V2");
int f_1(void) { return 1; }
int f_3(void) { return 3; }
int g_2(void) { return 2; }
int g_3(void) { return 3; }
int h_2(void) { return 2; }
