#include "../parts/dl.h"

void forks(const char *from);
int value(void) { return 42; }
#ifndef PLAIN
__attribute__((constructor)) static void begin(void) { forks("constructor"); }
__attribute__((destructor)) static void end(void) { forks("destructor"); }
#endif
