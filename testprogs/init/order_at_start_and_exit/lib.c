#include <stdio.h>
__attribute__((constructor)) static void begins(void) { dprintf(1, "+%s\n", WHO); }
__attribute__((destructor)) static void ends(void) { dprintf(1, "-%s\n", WHO); }
