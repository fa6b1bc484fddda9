#include "../parts/dl.h"

int asks;
__attribute__((constructor)) static void begin(void)
{
    const char *text = dlerror();
    say("in a constructor: %s\n", text ? text : "none");
    check(!dlsym(RTLD_DEFAULT, "missed_by_the_constructor"));
}
__attribute__((destructor)) static void end(void)
{
    const char *text = dlerror();
    say("in a destructor: %s\n", text ? text : "none");
    check(!dlsym(RTLD_DEFAULT, "missed_by_the_destructor"));
}
