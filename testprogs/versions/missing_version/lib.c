int f(void) { return 0; }
int g(void) { return 0; }
__attribute__((constructor)) static void never(void) { __builtin_trap(); }
