#include "../parts/dl.h"
__attribute__((constructor)) static void begin(void)
{
    say("+" WHO "\n");
    if (LEAVES)
        exit(5);
}
__attribute__((destructor)) static void end(void)
{
    say("-" WHO "\n");
}
