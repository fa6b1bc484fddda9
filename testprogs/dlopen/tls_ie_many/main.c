//@ about: Forty initial-exec libraries of 64 bytes to 4 MiB are open together, each with its block in every thread, and threads with 16 KiB stacks are still made.
//@ libc: glibc
//@ sh: for i in $(seq 40); do $CC $CFLAGS -shared -fPIC -ftls-model=initial-exec -DWHO=m$i -DSIZE=$((64 << (i % 17))) $SRC/../parts/tls.c -o libm$i.so; done
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: differs: glibc says "cannot allocate memory in static TLS block"

#include "../parts/dl.h"

static int (*checks[41])(long), (*agains[41])(long);
static pthread_barrier_t opened_all;

static void touch_all(long mark)
{
    for (int i = 1; i <= 40; i++)
        check_eq(checks[i](mark + i), 0);
    for (int i = 1; i <= 40; i++)
        check_eq(agains[i](mark + i), 0);
}
static void *new_thread(void *mark)
{
    touch_all((long)mark);
    return NULL;
}
static void *old_thread(void *mark)
{
    pthread_barrier_wait(&opened_all);
    return new_thread(mark);
}

int main(void)
{
    pthread_t old[2];
    void *handles[41];
    pthread_barrier_init(&opened_all, NULL, 3);
    for (long i = 0; i < 2; i++)
        old[i] = started(old_thread, (void *)i);
    for (int i = 1; i <= 40; i++) {
        char name[32];
        snprintf(name, sizeof name, "libm%d.so", i);
        handles[i] = opened(name, RTLD_NOW);
        snprintf(name, sizeof name, "m%d_check", i);
        checks[i] = (int (*)(long))found(handles[i], name);
        snprintf(name, sizeof name, "m%d_again", i);
        agains[i] = (int (*)(long))found(handles[i], name);
    }
    pthread_barrier_wait(&opened_all);
    touch_all(50);
    pthread_attr_t small;
    check_eq(pthread_attr_init(&small), 0);
    check_eq(pthread_attr_setstacksize(&small, 16384), 0);
    for (long i = 0; i < 4; i++) {
        pthread_t thread;
        check_eq(pthread_create(&thread, &small, new_thread, (void *)(100 + i)), 0);
        joined(thread);
    }
    for (int i = 0; i < 2; i++)
        joined(old[i]);
    for (int i = 1; i <= 40; i++)
        closed(handles[i]);
    check(!listed("/libm1.so"));
    say("ok\n");
}
