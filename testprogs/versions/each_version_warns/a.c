int f(void);
int a(void) { return f() + 10; }
