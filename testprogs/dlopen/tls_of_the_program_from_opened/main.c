//@ about: An opened library uses thread-local variables of the program and of a library from the start, by all models.
//@ libc: glibc,musl
//@ build: libneeded.so = ../parts/tls.c -DWHO=needed
//@ build: libgd.so = user.c
//@ build: libdesc.so = user.c -mtls-dialect=gnu2
//@ build: libie.so = user.c -ftls-model=initial-exec
//@ build: prog = main.c -pthread -rdynamic -Wl,--no-as-needed -l:libneeded.so
//@ stdout: ok

#include "../parts/dl.h"

__thread long own = 7;
static long *(*own_by[3])(void), *(*needed_by[3])(void);

static void *looks(void *unused)
{
    for (int i = 0; i < 3; i++) {
        check_eq(own_by[i](), &own);
        check_eq(*needed_by[i](), 123);
        check_eq(needed_by[i](), needed_by[0]());
    }
    return unused;
}

int main(void)
{
    static const char *names[] = {"libgd.so", "libdesc.so", "libie.so"};
    for (int i = 0; i < 3; i++) {
        void *handle = opened(names[i], RTLD_NOW);
        own_by[i] = (long *(*)(void))found(handle, "own_address");
        needed_by[i] = (long *(*)(void))found(handle, "needed");
    }
    looks(NULL);
    joined(started(looks, NULL));
    say("ok\n");
}
