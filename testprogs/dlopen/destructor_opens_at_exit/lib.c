#include "../parts/dl.h"

int MINE(void) { return 4; }
__attribute__((constructor)) static void begin(void) { say("+%s\n", WHO); }
__attribute__((destructor)) static void end(void)
{
    say("-%s\n", WHO);
#ifdef OPENS
    void *handle = opened(OPENS, RTLD_NOW);
    check_eq(((int (*)(void))found(handle, "c"))(), 4);
    // Already destroyed, and there.
    void *own = must(dlopen("libb.so", RTLD_NOW | RTLD_NOLOAD));
    check_eq(((int (*)(void))found(own, "b"))(), 4);
    closed(own);
    say("opened\n");
#endif
}
