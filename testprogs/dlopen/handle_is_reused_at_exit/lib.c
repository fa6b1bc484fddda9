#include "../parts/dl.h"

void destroyed(const char *who);
int value(void) { return WHO[0]; }
__attribute__((constructor)) static void begin(void) { say("+%s\n", WHO); }
__attribute__((destructor)) static void end(void) { destroyed(WHO); }
