//@ about: _dl_find_object, from three threads and a signal handler, gives the whole truth about objects that stay, for two seconds in which others come and go; an object that is open is found by whoever opened it, and not after.
//@ axes: opt=-O2
//@ libc: glibc
//@ sh: for i in $(seq 12); do $CC $CFLAGS -shared -fPIC -DWHO=m$i -DSILENT $SRC/../parts/speaks.c -o libm$i.so; done
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <signal.h>
#include <sys/time.h>
#include <time.h>

enum { KNOWN = 3 };
static void *addresses[KNOWN];
static struct dl_find_object expected[KNOWN];
static atomic_int stop;
static atomic_long asked;

static void ask_all(int unused)
{
    (void)unused;
    for (int i = 0; i < KNOWN; i++) {
        struct dl_find_object result;
        check_eq(_dl_find_object(addresses[i], &result), 0);
        check_eq(result.dlfo_map_start, expected[i].dlfo_map_start);
        check_eq(result.dlfo_map_end, expected[i].dlfo_map_end);
        check_eq(result.dlfo_link_map, expected[i].dlfo_link_map);
        check_eq(result.dlfo_eh_frame, expected[i].dlfo_eh_frame);
    }
    struct dl_find_object none;
    check(_dl_find_object(&asked, &none) == 0); // data of the program
    check(_dl_find_object((void *)64, &none) != 0);
    asked++;
}
static void *asks(void *unused)
{
    while (!atomic_load(&stop))
        ask_all(0);
    return unused;
}
static void *opens(void *from)
{
    struct dl_find_object result;
    for (unsigned i = 0; !atomic_load(&stop); i++) {
        char name[32];
        snprintf(name, sizeof name, "libm%d.so", (int)((long)from + i % 6));
        void *handle = opened(name, RTLD_NOW);
        snprintf(name, sizeof name, "m%d", (int)((long)from + i % 6));
        void *address = found(handle, name);
        check_eq(_dl_find_object(address, &result), 0);
        check_eq(result.dlfo_link_map, handle);
        check((char *)result.dlfo_map_start <= (char *)address && (char *)address < (char *)result.dlfo_map_end);
        closed(handle);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[5];
    addresses[0] = (void *)main;
    addresses[1] = found(RTLD_DEFAULT, "strtol");
    addresses[2] = found(opened("libm1.so", RTLD_NOW), "m1");
    for (int i = 0; i < KNOWN; i++)
        check_eq(_dl_find_object(addresses[i], &expected[i]), 0);
    signal(SIGALRM, ask_all);
    struct itimerval often = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &often, NULL);
    for (long i = 0; i < 3; i++)
        threads[i] = started(asks, NULL);
    threads[3] = started(opens, (void *)1);
    threads[4] = started(opens, (void *)7);
    time_t end = time(NULL) + 2;
    while (time(NULL) < end)
        usleep(10000);
    atomic_store(&stop, 1);
    for (int i = 0; i < 5; i++)
        joined(threads[i]);
    check(asked > 1000);
    say("ok\n");
}
