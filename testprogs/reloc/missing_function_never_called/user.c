int missing(void);
int user(int call) { return call ? missing() : 0; }
