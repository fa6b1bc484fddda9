//@ about: While three threads are in constructors and destructors all the time, forty forks take no longer than these: fork comes before what has not begun.
//@ axes: opt=-O2
//@ libc: glibc,musl
//@ sh: for i in 1 2 3; do $CC $CFLAGS -shared -fPIC $SRC/lib.c -o liba$i.so; done
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/wait.h>
#include <time.h>

static atomic_int stop;
static void *opens_and_closes(void *name)
{
    while (!atomic_load(&stop))
        closed(opened((const char *)name, RTLD_NOW));
    return NULL;
}
static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(void)
{
    pthread_t threads[3] = {started(opens_and_closes, "liba1.so"), started(opens_and_closes, "liba2.so"),
                            started(opens_and_closes, "liba3.so")};
    long begin = milliseconds();
    for (int i = 0; i < 40; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        int status;
        check_eq(waitpid(child, &status, 0), child);
        check_eq(status, 0);
    }
    // A constructor takes two milliseconds; forks that waited for their patience to end would take four seconds.
    check(milliseconds() - begin < 2000);
    atomic_store(&stop, 1);
    for (int i = 0; i < 3; i++)
        joined(threads[i]);
    say("ok\n");
}
