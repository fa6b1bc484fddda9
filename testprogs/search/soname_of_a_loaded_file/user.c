extern int loads;
int user(void) { return loads; }
