#include <unistd.h>
int own(void) { return 2; }
__attribute__((constructor)) static void begins(void) { write(1, "b begins\n", 9); }
__attribute__((destructor)) static void ends(void) { write(1, "b ends\n", 7); }
