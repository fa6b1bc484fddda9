#include <stdatomic.h>
#include <unistd.h>

extern atomic_int running, forked;
__attribute__((constructor)) static void waits(void)
{
    atomic_store(&running, 1);
    while (!atomic_load(&forked))
        usleep(1000);
}
