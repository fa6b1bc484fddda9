int missing(void) { return 1; }
int other(void) { return 1; }
