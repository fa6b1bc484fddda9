#define _GNU_SOURCE
#include <dlfcn.h>
#ifdef SECOND
#define sees also_sees
#else
const char *given_by_one(void);
const char *given_by_two(void);
const char *asks_one(void)
{
    return given_by_one();
}
const char *asks_two(void)
{
    return given_by_two();
}
#endif
void *sees(const char *name)
{
    void *volatile found = dlsym(RTLD_DEFAULT, name);
    return found;
}
