#define _GNU_SOURCE
#include <dlfcn.h>
int function(void);
void *by_relocation(void)
{
    return (void *)function;
}
void *by_name(void)
{
    void *volatile found = dlsym(RTLD_DEFAULT, "function");
    return found;
}
void *by_handle_of_the_program(void)
{
    return dlsym(dlopen(0, RTLD_NOW), "function");
}
