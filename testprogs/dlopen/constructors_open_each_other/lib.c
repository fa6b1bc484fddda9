#include "../parts/dl.h"

extern atomic_int begun, done;
volatile int complete;
__attribute__((constructor)) static void begin(void)
{
    // All are in their constructors before the first opens the next.
    atomic_fetch_add(&begun, 1);
    for (int i = 0; i < 100 && atomic_load(&begun) < OF; i++)
        usleep(1000);
    opened(NEXT, RTLD_NOW);
    atomic_fetch_add(&done, 1);
    complete = 1;
}
