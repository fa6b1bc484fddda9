#include "../parts/dl.h"

void constructs(const char *who);
#ifdef NEEDED
int NEEDED(void);
int MINE(void) { return NEEDED() + 1; }
#else
int MINE(void) { return 1; }
#endif
__attribute__((constructor)) static void begin(void) { constructs(WHO); }
