//@ about: A signal handler makes the first touch of twenty libraries' TLS in a thread that is inside malloc all the time.
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: for i in $(seq 20); do $CC $CFLAGS -shared -fPIC -DWHO=m$i -DSIZE=$((i * 1000)) $SRC/../parts/tls.c -o libm$i.so; done
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: no: glibc allocates by malloc and hangs or aborts in some runs

#include "../parts/dl.h"
#include <signal.h>

static int (*checks[21])(long), (*agains[21])(long);
static __thread volatile int next;
static atomic_int finished;

static void touch_one(int signal)
{
    (void)signal;
    if (next < 20) {
        next++;
        check_eq(checks[next](next), 0);
    }
}
static void *allocates(void *unused)
{
    void *kept[16] = {0};
    unsigned seed = 1;
    while (next < 20) {
        seed = seed * 1103515245 + 12345;
        void **one = &kept[seed >> 16 & 15];
        free(*one);
        *one = malloc(16 + (seed >> 8 & 4095));
    }
    for (int i = 1; i <= 20; i++)
        check_eq(agains[i](i), 0);
    for (int i = 0; i < 16; i++)
        free(kept[i]);
    atomic_store(&finished, 1);
    return unused;
}

int main(void)
{
    for (int i = 1; i <= 20; i++) {
        char name[32];
        snprintf(name, sizeof name, "libm%d.so", i);
        void *handle = opened(name, RTLD_NOW);
        snprintf(name, sizeof name, "m%d_check", i);
        checks[i] = (int (*)(long))found(handle, name);
        snprintf(name, sizeof name, "m%d_again", i);
        agains[i] = (int (*)(long))found(handle, name);
    }
    struct sigaction action = {.sa_handler = touch_one};
    sigaction(SIGUSR1, &action, NULL);
    for (int round = 0; round < 20; round++) {
        atomic_store(&finished, 0);
        pthread_t thread = started(allocates, NULL);
        while (!atomic_load(&finished)) {
            pthread_kill(thread, SIGUSR1);
            usleep(100);
        }
        joined(thread);
    }
    say("ok\n");
}
