#include "../parts/dl.h"

void happens(const char *what);
#ifdef NEEDED
int NEEDED(void);
int MINE(void) { return 1; }
int both(void) { return MINE() + NEEDED(); }
#endif
__attribute__((constructor)) static void begin(void) { happens("+" WHO); }
__attribute__((destructor)) static void end(void) { happens("-" WHO); }
