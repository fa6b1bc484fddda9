#include <dlfcn.h>
void *opens(const char *name)
{
    return dlopen(name, RTLD_NOW);
}
