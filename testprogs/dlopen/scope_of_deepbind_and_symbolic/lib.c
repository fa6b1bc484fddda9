#define _GNU_SOURCE
#include <dlfcn.h>
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
typedef const char *ask(void);
const char *who(void)
{
    return TEXT(WHO);
}
const char *ASK(void)
{
    ask *volatile found = (ask *)dlsym(RTLD_DEFAULT, "who");
    return found ? found() : "nobody";
}
const char *NEXT(void)
{
    ask *volatile found = (ask *)dlsym(RTLD_NEXT, "who");
    return found ? found() : "nobody";
}
