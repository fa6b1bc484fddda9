#include "../parts/dl.h"

#if defined INNER
int outer(void);
int inner(void) { return outer(); }
__attribute__((destructor)) static void end(void) { say("inner ends: %d\n", outer()); }
#else
static void *handle;
int outer(void) { return 9; }
__attribute__((constructor)) static void begin(void)
{
    // For what it opens, it is in the program's scope.
    opened("libouter.so", RTLD_NOW | RTLD_GLOBAL);
    handle = opened("libinner.so", RTLD_NOW);
}
__attribute__((destructor)) static void end(void)
{
    say("outer ends: %d\n", ((int (*)(void))found(handle, "inner"))());
    closed(handle);
    say("outer has closed\n");
}
#endif
