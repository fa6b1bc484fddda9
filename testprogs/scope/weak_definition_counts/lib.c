WEAK int which(void) { return VALUE; }
WEAK int where = VALUE;
int ONLY(void) { return VALUE; }
