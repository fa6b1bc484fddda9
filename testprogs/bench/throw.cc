// A C++ exception through one frame: the unwinder asks the loader where each object lies.
#include <ctime>

static volatile long caught;

__attribute__((noinline)) static void thrower(long value)
{
    throw value;
}

static double now()
{
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

extern "C" double throw_and_catch(long times)
{
    double from = now();
    for (long i = 0; i < times; i++) {
        try {
            thrower(i);
        } catch (long value) {
            caught = value;
        }
    }
    return (now() - from) / times;
}
