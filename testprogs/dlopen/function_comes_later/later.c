static int calls = 2, others = 2;
int later(void) { return ++calls; }
int other(void) { return ++others; }
