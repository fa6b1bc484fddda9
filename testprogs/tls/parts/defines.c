// Owns one variable in .tdata and one in .tbss.
#include "names.h"
VISIBLE __thread int counter = 123;
VISIBLE __thread int blank;

int *NAME(WHO, _counter)(void) { return &counter; }
int *NAME(WHO, _blank)(void) { return &blank; }
