// A library with a thread-local variable of each kind: initialised, zero, and one with an initialiser that is relocated.
// MODEL and DIALECT come from the flags of the build. WHO_check() is called once a thread: it proves a fresh image and
// leaves its mark; WHO_again() proves that the mark is still there.
#include <stdint.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define DATA JOIN(WHO, _data)
#define ZERO JOIN(WHO, _zero)
#ifndef SIZE
#define SIZE 16
#endif
#ifndef ALIGN
#define ALIGN 8
#endif
#ifndef VISIBLE
#define VISIBLE "default"
#endif
#define VISIBILITY __attribute__((visibility(VISIBLE)))
#define ALIGNED __attribute__((aligned(ALIGN)))

static int target = 55;
VISIBILITY ALIGNED __thread volatile long DATA = 123;
VISIBILITY __thread int *volatile JOIN(WHO, _pointer) = &target;
VISIBILITY ALIGNED __thread volatile unsigned char ZERO[SIZE];

// The number of the first thing that is wrong, or 0.
int JOIN(WHO, _check)(long mark)
{
    if (DATA != 123)
        return 1;
    if (*JOIN(WHO, _pointer) != 55)
        return 2;
    if ((uintptr_t)&DATA % ALIGN || (uintptr_t)ZERO % ALIGN)
        return 3;
    for (long i = 0; i < SIZE; i++)
        if (ZERO[i])
            return 4;
    DATA = mark;
    ZERO[0] = (unsigned char)mark;
    ZERO[SIZE - 1] = (unsigned char)mark;
    return 0;
}
int JOIN(WHO, _again)(long mark)
{
    if (DATA != mark)
        return 5;
    if (ZERO[0] != (unsigned char)mark || ZERO[SIZE - 1] != (unsigned char)mark)
        return 6;
    return 0;
}
long *JOIN(WHO, _address)(void)
{
    return (long *)&DATA;
}
