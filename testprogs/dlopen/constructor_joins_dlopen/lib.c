#include "../parts/dl.h"

static void *thread(void *unused)
{
    void *b = opened("libb.so", RTLD_NOW);
    check_eq(((int (*)(void))found(b, "b"))(), 1);
    closed(b);
    say("thread has opened\n");
    return unused;
}
__attribute__((constructor)) static void joins(void)
{
    joined(started(thread, NULL));
    say("constructor has joined\n");
}
