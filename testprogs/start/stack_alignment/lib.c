#include "free.h"

__attribute__((destructor)) static void end(void) { print("library ends\n"); }
