#include <dlfcn.h>
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
void *JOIN(WHO, _opens)(const char *name)
{
    void *volatile opened = dlopen(name, RTLD_NOW);
    return opened;
}
