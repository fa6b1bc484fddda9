#include "../parts/dl.h"

#if defined ABOVE
int needs(void);
int above(void) { return needs(); }
#else
extern atomic_int alive, ending, copies;
int needs(void) { return 7; }
__attribute__((constructor)) static void begin(void)
{
    check_eq(atomic_fetch_add(&alive, 1), 0);
    atomic_fetch_add(&copies, 1);
}
__attribute__((destructor)) static void end(void)
{
    atomic_store(&ending, 1);
    usleep(2000);
    check_eq(atomic_fetch_sub(&alive, 1), 1);
}
#endif
