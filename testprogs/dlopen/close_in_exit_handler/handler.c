#include <stdio.h>
#include <stdlib.h>

static void handler(void)
{
    dprintf(1, "handler of the object\n");
}
void install(void)
{
    atexit(handler);
}
