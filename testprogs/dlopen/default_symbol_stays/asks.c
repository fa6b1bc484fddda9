#define _GNU_SOURCE
#include <dlfcn.h>
int (*ask(void))(void)
{
    return (int (*)(void))dlsym(RTLD_DEFAULT, "other");
}
