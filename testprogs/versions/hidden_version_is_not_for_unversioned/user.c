__attribute__((weak)) int f(void);
int a_has(void) { return f != 0; }
