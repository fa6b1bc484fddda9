#include "../parts/dl.h"

extern atomic_int alive;
int value(void) { return 3; }
__attribute__((constructor)) static void begin(void) { check_eq(atomic_fetch_add(&alive, 1), 0); }
__attribute__((destructor)) static void end(void) { check_eq(atomic_fetch_sub(&alive, 1), 1); }
