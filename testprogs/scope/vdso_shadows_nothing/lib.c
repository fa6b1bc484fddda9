int clock_gettime(void) { return 42; }
