// Reaches the variables of another object, or of another source of the same one.
#include "names.h"
VISIBLE extern __thread int counter, blank;

int *NAME(WHO, _uses_counter)(void) { return &counter; }
int *NAME(WHO, _uses_blank)(void) { return &blank; }
