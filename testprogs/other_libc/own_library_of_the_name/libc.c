int own(void) { return 41; }
