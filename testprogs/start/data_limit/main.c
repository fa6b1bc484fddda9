//@ about: Under an RLIMIT_DATA of 512 KiB a program starts, makes a thread and opens a library with thread-local data
//@ axes: pie=pie,nopie
//@ libc: glibc,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c
//@ stdout: ok

#include "../../dlopen/parts/dl.h"
#include <sys/resource.h>

static void *body(void *library)
{
    return ((void *(*)(void))found(library, "place"))();
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        void *library = opened("liba.so", RTLD_NOW), *place;
        pthread_t thread;
        pthread_attr_t small;
        pthread_attr_init(&small);
        pthread_attr_setstacksize(&small, 64 << 10); // a stack counts too
        check_eq(pthread_create(&thread, &small, body, library), 0);
        check_eq(pthread_join(thread, &place), 0);
        check(place && place != body(library));
        closed(library);
        say("ok\n");
        return 0;
    }
    struct rlimit limit = {512 << 10, 512 << 10};
    check_eq(setrlimit(RLIMIT_DATA, &limit), 0);
    // As it was started: by the loader, or by itself.
    char started[512] = {0};
    check(readlink("/proc/self/exe", started, sizeof started - 1) > 0);
    if (ends_with(started, "/prog"))
        execl("./prog", "./prog", "again", NULL);
    execl(started, started, "./prog", "again", NULL);
    return 2;
}
