#include "free.h"
__attribute__((constructor)) static void start(void) { print("a constructor ran\n"); }
