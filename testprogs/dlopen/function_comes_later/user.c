int later(void);
int user(void) { return later(); }
