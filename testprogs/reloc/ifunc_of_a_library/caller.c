int chosen(void);
int call(void) { return chosen(); }
