#include <stdio.h>
#include <stdlib.h>
#define TEXT_(who) #who
#define TEXT(who) TEXT_(who)

static void handler(void)
{
    puts("handler");
}

__attribute__((constructor)) static void begin(void)
{
    puts("+" TEXT(WHO));
    if (LEAVES) {
        atexit(handler);
        exit(5);
    }
}

__attribute__((destructor)) static void end(void)
{
    puts("-" TEXT(WHO));
}
