// Node WHO of the graph: it tells the program of its beginning and its end, which do what they like there, and it calls
// what it NEEDS, so that a neighbour that is not there any more is met.
#include <stdatomic.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

enum state { MAPPED, BEGUN, COMPLETE, ENDING, ENDED };
void begins(int who);
void ends(int who);
void touched(void);
extern void *__dso_handle;
int __cxa_thread_atexit_impl(void (*)(void *), void *, void *);

NEEDED
static _Atomic int state;
static _Thread_local int mark = 55;

int JOIN(state_, WHO)(void)
{
    return atomic_load(&state);
}
// The neighbours below are called through their PLT entries, which may be bound here.
int JOIN(use_, WHO)(int deep)
{
    int sum = WHO;
    if (deep > 0)
        sum += 0 NEEDS;
    return sum;
}
static void of_thread(void *at)
{
    touched();
    *(int *)at = 55; // as if untouched, for what exit() still runs
}
// A destructor at the thread's end keeps this object until then. Answers whether the thread's image was fresh or its own.
int JOIN(touch_, WHO)(int value, int at_exit)
{
    int was = mark;
    mark = value;
    if (at_exit)
        __cxa_thread_atexit_impl(of_thread, &mark, &__dso_handle);
    return was == 55 || was == value;
}
__attribute__((constructor)) static void begin(void)
{
    atomic_store(&state, BEGUN);
    JOIN(use_, WHO)(2);
    begins(WHO);
    atomic_store(&state, COMPLETE);
}
__attribute__((destructor)) static void end(void)
{
    atomic_store(&state, ENDING);
    JOIN(use_, WHO)(2);
    ends(WHO);
    atomic_store(&state, ENDED);
}
