int f(void);
int old_user(void) { return f(); }
