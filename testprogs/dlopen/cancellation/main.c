//@ about: pthread_cancel and pthread_exit unwind through an opened library's frames and run its clean-up handlers; libc opens libgcc_s for it.
//@ libc: glibc,musl
//@ build: liba.so = lib.c -fexceptions
//@ build: prog = main.c -pthread
//@ elf: prog lacks libgcc_s
//@ stdout: clean-up in the library
//@ stdout: cancelled
//@ stdout: clean-up in the library
//@ stdout: left with 5
//@ stdout: ok

#include "../parts/dl.h"

static void (*with_cleanup)(void (*)(void));
static pthread_barrier_t barrier;
static void sleeps(void)
{
    pthread_barrier_wait(&barrier);
    for (;;)
        pause();
}
static void leaves(void)
{
    pthread_exit((void *)5);
}
static void *thread(void *body)
{
    with_cleanup((void (*)(void))body);
    return NULL;
}

int main(void)
{
    pthread_barrier_init(&barrier, NULL, 2);
    void *a = opened("liba.so", RTLD_NOW);
    with_cleanup = (void (*)(void (*)(void)))found(a, "with_cleanup");
    pthread_t t = started(thread, (void *)sleeps);
    pthread_barrier_wait(&barrier);
    check_eq(pthread_cancel(t), 0);
    check_eq(joined(t), PTHREAD_CANCELED);
    say("cancelled\n");
    t = started(thread, (void *)leaves);
    say("left with %ld\n", (long)joined(t));
    closed(a);
    say("ok\n");
}
