#include "../parts/names.h"
extern __thread int absent[8] __attribute__((weak));
__thread int present = 7;

int *NAME(WHO, _absent)(void) { return absent; }
int *NAME(WHO, _present)(void) { return &present; }
