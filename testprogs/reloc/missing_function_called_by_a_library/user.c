int missing(void);
int user(void) { return missing(); }
