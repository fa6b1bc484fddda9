//@ about: What dlsym(RTLD_DEFAULT) found stays when its library is closed: for good if the program asked, else as long as the library that asked.
//@ libc: glibc
//@ build: libfound.so = lib.c -DNAME=found
//@ build: libother.so = lib.c -DNAME=other
//@ build: libasks.so = asks.c
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *library = opened("libfound.so", RTLD_NOW | RTLD_GLOBAL);
    int (*function)(void) = (int (*)(void))found(RTLD_DEFAULT, "found");
    closed(library);
    check_eq(function(), 42);
    check(dlopen("libfound.so", RTLD_NOW | RTLD_NOLOAD) != NULL);

    // By a handle it is the program's own business.
    void *other = opened("libother.so", RTLD_NOW | RTLD_GLOBAL);
    found(other, "other");
    closed(other);
    check(dlopen("libother.so", RTLD_NOW | RTLD_NOLOAD) == NULL);

    other = opened("libother.so", RTLD_NOW | RTLD_GLOBAL);
    void *asks = opened("libasks.so", RTLD_NOW);
    int (*(*ask)(void))(void) = (int (*(*)(void))(void))found(asks, "ask");
    function = ask();
    closed(other);
    check_eq(function(), 42);
    closed(asks);
    check(dlopen("libasks.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
    check(dlopen("libother.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
    say("ok\n");
}
