#include <unistd.h>

volatile int ready;
__attribute__((constructor)) static void slow(void)
{
    usleep(100000);
    ready = 1;
}
