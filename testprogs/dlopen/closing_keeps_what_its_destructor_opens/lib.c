#include "../parts/dl.h"

#if defined NEEDED
int value(void) { return 3; }
__attribute__((constructor)) static void begin(void) { say("needed begins\n"); }
__attribute__((destructor)) static void end(void) { say("needed ends\n"); }
#else
extern void *kept;
extern const char *keep;
int value(void);
int user(void) { return value(); }
__attribute__((destructor)) static void end(void)
{
    say("user ends\n");
    kept = opened(keep, RTLD_NOW);
}
#endif
