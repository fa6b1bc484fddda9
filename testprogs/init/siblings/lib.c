#include "free.h"

__attribute__((constructor)) static void ready(void) { print("%s\n", NAME); }
