#include <stdlib.h>
int a_check(long mark);
__attribute__((constructor)) static void uses(void)
{
    if (a_check(99))
        abort();
}
