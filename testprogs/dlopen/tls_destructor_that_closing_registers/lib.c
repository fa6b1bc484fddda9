#include <stdio.h>

extern void *__dso_handle;
int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
static __thread int value;
static void at_end(void *arg)
{
    dprintf(1, "thread's object of %d\n", *(int *)arg);
}
__attribute__((destructor)) static void end(void)
{
    value = 5;
    __cxa_thread_atexit_impl(at_end, &value, &__dso_handle);
    dprintf(1, "closed\n");
}
