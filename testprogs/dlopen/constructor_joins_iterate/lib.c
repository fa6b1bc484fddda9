#include "../parts/dl.h"

static void *thread(void *unused)
{
    struct seen seen = look("/liba.so");
    check_eq(seen.count, 1);
    check_eq(seen.adds - seen.subs, seen.total);
    say("thread has walked\n");
    return unused;
}
__attribute__((constructor)) static void joins(void)
{
    joined(started(thread, NULL));
}
