int strong = 5;
extern int alias __attribute__((weak, alias("strong")));
int read_strong(void) { return strong; }
