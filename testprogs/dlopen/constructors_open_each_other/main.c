//@ about: Libraries whose constructors open each other, in two, three and four threads at once: all end, each is constructed once, and is complete when its dlopen returns.
//@ libc: glibc
//@ sh: for n in 2 3 4; do i=0; while [ $i -lt $n ]; do $CC $CFLAGS -shared -fPIC -DOF=$n -DNEXT="\"libn$n$(((i + 1) % n)).so\"" $SRC/lib.c -Wl,-rpath,'$ORIGIN' -o libn$n$i.so; i=$((i + 1)); done; done
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: ok

#include "../parts/dl.h"

atomic_int begun, done;

static void *opens(void *name)
{
    void *handle = opened((const char *)name, RTLD_NOW);
    check_eq(*(int *)found(handle, "complete"), 1);
    return handle;
}

int main(void)
{
    alarm(10);
    for (int n = 2; n <= 4; n++) {
        pthread_t threads[4];
        char names[4][16];
        atomic_store(&begun, 0);
        atomic_store(&done, 0);
        for (int i = 0; i < n; i++) {
            snprintf(names[i], sizeof names[i], "libn%d%d.so", n, i);
            threads[i] = started(opens, names[i]);
        }
        for (int i = 0; i < n; i++)
            joined(threads[i]);
        check_eq(atomic_load(&done), n);
    }
    say("ok\n");
}
