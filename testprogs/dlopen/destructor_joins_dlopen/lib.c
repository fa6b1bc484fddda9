#include "../parts/dl.h"

static void *thread(void *unused)
{
    closed(opened("libb.so", RTLD_NOW));
    say("thread has opened\n");
    return unused;
}
__attribute__((destructor)) static void joins(void)
{
    joined(started(thread, NULL));
    say("destructor has joined\n");
}
