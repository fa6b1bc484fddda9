#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int counter = 7;
int own(void) { return 1; }
int next(void) { return ((int (*)(void))dlsym(RTLD_NEXT, "own"))(); }
__attribute__((constructor)) static void begins(void) { write(1, "a begins\n", 9); }
__attribute__((destructor)) static void ends(void) { write(1, "a ends\n", 7); }
