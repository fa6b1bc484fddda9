#include "../parts/dl.h"

void leaves(const char *who);
int NEEDED(void);
int MINE(void) { return 1; }
int both(void) { return MINE() + NEEDED(); }
__attribute__((constructor)) static void begin(void) { leaves("+" WHO); }
__attribute__((destructor)) static void end(void) { leaves("-" WHO); }
