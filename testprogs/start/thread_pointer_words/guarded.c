#include "free.h"

// Never called when the canary holds.
__attribute__((noreturn)) void __stack_chk_fail(void) { exit_group(66); }

int guarded(int n)
{
    volatile char buffer[16];
    for (int i = 0; i < 16; i++)
        buffer[i] = (char)n;
    return buffer[0] + buffer[15];
}
