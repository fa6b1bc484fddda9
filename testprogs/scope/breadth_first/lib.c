#ifdef WHICH
int which(void) { return VALUE; }
#endif
int ONLY(void) { return VALUE; }
