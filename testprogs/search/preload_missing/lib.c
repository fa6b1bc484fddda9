int which(void) { return VALUE; }
