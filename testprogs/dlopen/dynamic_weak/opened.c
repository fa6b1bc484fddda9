#define _GNU_SOURCE
#include <dlfcn.h>

int where(void);
int opened_sees(void) { return where(); }
int opened_finds_next(void)
{
    int (*next)(void) = (int (*)(void))dlsym(RTLD_NEXT, "where");
    return next ? next() : 0;
}
