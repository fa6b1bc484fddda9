int f(void);
int user(void) { return f(); }
