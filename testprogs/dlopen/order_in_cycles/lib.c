#include "../parts/dl.h"

#ifdef BINDS
int BINDS(void);
int binds(void) { return BINDS(); }
#endif
int FUNCTION(void) { return 1; }
__attribute__((constructor)) static void begin(void) { say("+%s", NAME); }
__attribute__((destructor)) static void end(void)
{
    say("-%s", NAME);
#ifdef CLOSES
    void *handle = must(dlopen(CLOSES, RTLD_NOW | RTLD_NOLOAD));
    closed(handle);
    closed(handle);
    say("(%s closed)", CLOSES);
#endif
}
