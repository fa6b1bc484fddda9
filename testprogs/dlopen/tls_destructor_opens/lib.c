#include "../parts/dl.h"

extern void *__dso_handle;
int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);
static void destructor(void *unused)
{
    (void)unused;
    void *b = opened("libb.so", RTLD_NOW);
    check_eq(((int (*)(long))found(b, "b_check"))(2), 0);
    closed(b);
    say("destructor has opened\n");
}
void registers(void)
{
    __cxa_thread_atexit_impl(destructor, NULL, &__dso_handle);
}
