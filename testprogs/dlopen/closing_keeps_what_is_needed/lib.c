#include "../parts/dl.h"

#if defined NEEDED
int value(void) { return 1; }
__attribute__((destructor)) static void end(void) { say("needed ends\n"); }
#else
int value(void);
extern atomic_int ending;
extern int patient;
static void *handle;
__attribute__((constructor)) static void begin(void)
{
    handle = opened("libneeded.so", RTLD_NOW);
}
// The higher number runs first.
__attribute__((destructor(200))) static void closes(void)
{
    closed(handle);
}
__attribute__((destructor(150))) static void uses(void)
{
    atomic_store(&ending, 1);
    for (int i = 0; i < patient; i++) {
        usleep(1000);
        check_eq(value(), 1);
    }
    say("user ends\n");
}
#endif
