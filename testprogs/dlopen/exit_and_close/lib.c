#include "../parts/dl.h"

extern atomic_int ending;
extern void *first;
extern int slow, leaves;
__attribute__((destructor)) static void end(void)
{
    say("%s ends\n", WHO);
    atomic_fetch_add(&ending, 1);
    if (leaves) {
        leaves = 0;
        exit(6);
    }
#ifdef SLOW
    for (int i = 0; i < slow; i++)
        usleep(1000);
#endif
    say("%s has ended\n", WHO);
}
