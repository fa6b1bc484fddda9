int h(void);
int a(void) { return h(); }
