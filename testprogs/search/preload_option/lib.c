int which(void) { return VALUE; }
int ONLY(void) { return VALUE; }
