#include <stdio.h>

#ifdef WEAK
__attribute__((weak))
#endif
char *fgetln(FILE *, size_t *);

char *(*reference)(FILE *, size_t *) = fgetln;

int run(void) { return reference != 0; }
