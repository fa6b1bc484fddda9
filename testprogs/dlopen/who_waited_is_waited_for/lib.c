#include "../parts/dl.h"

extern atomic_int z_begun, x_begun, x_done, checked;
#if defined Z
int z(void) { return 26; }
__attribute__((constructor)) static void begin(void)
{
    atomic_store(&z_begun, 1);
    for (int i = 0; i < 100 && !atomic_load(&x_begun); i++)
        usleep(1000);
    // Until the other thread waits for this constructor.
    usleep(20000);
}
#elif defined X
int x(void) { return 24; }
__attribute__((constructor)) static void begin(void)
{
    atomic_store(&x_begun, 1);
    closed(opened("libz.so", RTLD_NOW));
    usleep(20000);
    atomic_store(&x_done, 1);
}
#else
int x(void), z(void);
__attribute__((constructor)) static void begin(void)
{
    check_eq(x() + z(), 50);
    check_eq(atomic_load(&x_done), 1);
    atomic_store(&checked, 1);
}
#endif
