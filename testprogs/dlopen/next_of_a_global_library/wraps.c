#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
static void *next_strtol;
static int (*next_which)(void);
// As interposers do it: in a constructor.
__attribute__((constructor)) static void begin(void)
{
    next_strtol = dlsym(RTLD_NEXT, "strtol");
    next_which = (int (*)(void))dlsym(RTLD_NEXT, "which");
}
void *JOIN(next_strtol_of_, NAME)(void)
{
    return next_strtol;
}
int JOIN(which_of_, NAME)(void)
{
    return next_which ? next_which() : -1;
}
