#include "layout.h"

__thread int counter = 123;

// -DSKEW: how far the stack is off its alignment when __tls_get_addr is called.
int *NAME(void)
{
    const unsigned long *index;
    int *address;
    tls_get_addr(counter, index, address, SKEW);
    return address;
}
