int other(void);
int plugin(void) { return 10 + other(); }
