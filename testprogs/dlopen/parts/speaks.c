// A library that says when it is initialised and finished. WHO() counts its calls, so that a fresh image shows; with
// ASKS, who() is the same name in all of them and WHO_asks() calls the one its object is bound to.
#include <stdio.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

#ifndef SILENT
__attribute__((constructor)) static void begin(void)
{
    dprintf(1, "%s begins\n", TEXT(WHO));
}
__attribute__((destructor)) static void end(void)
{
    dprintf(1, "%s ends\n", TEXT(WHO));
}
#endif

int JOIN(WHO, _count) = 0;
int WHO(void)
{
    return ++JOIN(WHO, _count);
}
// Opt-in: whoever binds to another's who() keeps that object.
#ifdef ASKS
const char *who(void)
{
    return TEXT(WHO);
}
const char *JOIN(WHO, _asks)(void)
{
    return who();
}
#endif
