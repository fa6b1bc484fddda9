void leaves(int);
int value(void) { return 4; }
__attribute__((constructor)) static void begin(void) { leaves(0); }
__attribute__((destructor)) static void end(void) { leaves(1); }
