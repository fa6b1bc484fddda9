#include "../parts/dl.h"

static void *thread(void *unused)
{
    Dl_info info;
    found(RTLD_DEFAULT, "malloc");
    check(dladdr((void *)thread, &info));
    check(listed("/liba.so"));
    check(!dlsym(RTLD_DEFAULT, "nowhere_at_all"));
    check(dlerror());
    say("thread has looked\n");
    return unused;
}
__attribute__((constructor)) static void joins(void)
{
    joined(started(thread, NULL));
    say("constructor has joined\n");
}
