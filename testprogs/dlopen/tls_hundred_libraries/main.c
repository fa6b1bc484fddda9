//@ about: A hundred TLS libraries are opened while four threads run and touch each as it comes: DTVs grow in place of nobody's data.
//@ libc: glibc
//@ sh: for i in $(seq 100); do $CC $CFLAGS -shared -fPIC -DWHO=m$i -DSIZE=$((i * 8)) $SRC/../parts/tls.c -o libm$i.so; done
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static int (*checks[101])(long), (*agains[101])(long);
static atomic_int available;

static void *follows(void *arg)
{
    long mark = (long)arg;
    for (int done = 0; done < 100;) {
        int now = atomic_load(&available);
        while (done < now) {
            done++;
            check_eq(checks[done](mark * done), 0);
        }
        for (int i = 1; i <= done; i++)
            check_eq(agains[i](mark * i), 0);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[4];
    void *handles[101];
    for (long i = 0; i < 4; i++)
        threads[i] = started(follows, (void *)(i + 3));
    for (int i = 1; i <= 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "libm%d.so", i);
        handles[i] = opened(name, RTLD_NOW);
        snprintf(name, sizeof name, "m%d_check", i);
        checks[i] = (int (*)(long))found(handles[i], name);
        snprintf(name, sizeof name, "m%d_again", i);
        agains[i] = (int (*)(long))found(handles[i], name);
        atomic_store(&available, i);
    }
    for (int i = 0; i < 4; i++)
        joined(threads[i]);
    joined(started(follows, (void *)9));
    for (int i = 1; i <= 100; i++)
        closed(handles[i]);
    check(!listed("/libm100.so"));
    say("ok\n");
}
