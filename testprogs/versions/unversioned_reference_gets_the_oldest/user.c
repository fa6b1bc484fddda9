int f(void);
int g(void);
int h(void);
int a_f(void) { return f(); }
int a_g(void) { return g(); }
int a_h(void) { return h(); }
