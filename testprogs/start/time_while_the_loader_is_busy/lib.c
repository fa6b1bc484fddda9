// Its IFUNC resolver runs inside dlopen, which holds the loader's lock, and waits until the other thread has
// called what it binds meanwhile; at most ten seconds.
#include "ends.h"

static long call(long number, long first, const void *second, long third)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
}

static int yes(void)
{
    return 1;
}
static int no(void)
{
    return 0;
}

static int (*resolve(void))(void)
{
    struct { int fd; short events, found; } poll = {DONE, 1, 0};
    call(1, GO_IN, "!", 1);
    return call(7, (long)&poll, (void *)1, 10000) == 1 ? yes : no;
}

int answered(void) __attribute__((ifunc("resolve")));
int (*kept)(void) = answered;
