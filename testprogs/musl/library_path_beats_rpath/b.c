int b(void) { return VALUE; }
