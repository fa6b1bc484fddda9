#include "../parts/dl.h"

extern atomic_int ending, acted[2];
int inner(void);
#if defined INNER
int inner(void) { return 1; }
#else
int value(void) { return 40 + inner(); }
// Bound when it is first called: in the destructor of the other.
int called(void) { return inner() + 41; }
__attribute__((destructor)) static void end(void)
{
    if (atomic_exchange(&acted[WHO], 1))
        return;
    // Both are in their destructors before either opens the other.
    atomic_fetch_add(&ending, 1);
    for (int i = 0; i < 100 && atomic_load(&ending) < 2; i++)
        usleep(1000);
    void *other = opened(OTHER, RTLD_NOW);
    check_eq(((int (*)(void))found(other, "value"))(), 41);
    check_eq(((int (*)(void))found(other, "called"))(), 42);
    check_eq(((int (*)(void))found(other, "inner"))(), 1);
    void *again = must(dlopen(OTHER, RTLD_NOW | RTLD_NOLOAD));
    check_eq(again, other);
    closed(again);
    closed(other);
}
#endif
