// Variables nobody else can name.
#include "names.h"
VISIBLE static __thread int counter = 123;
VISIBLE static __thread int blank;

int *NAME(WHO, _counter)(void) { return &counter; }
int *NAME(WHO, _blank)(void) { return &blank; }
