int NAME(void) { return 0; }
