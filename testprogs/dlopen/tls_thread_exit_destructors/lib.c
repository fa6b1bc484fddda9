#include <stdio.h>

extern void *__dso_handle;
int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
static __thread int value;
static void destructor(void *arg)
{
    dprintf(1, "destructor of %d\n", *(int *)arg);
}
void registers(int now)
{
    value = now;
    __cxa_thread_atexit_impl(destructor, &value, &__dso_handle);
}
