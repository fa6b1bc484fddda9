//@ about: A thread whose constructor another one has waited for may in turn wait for that one's, as soon as its own is done: a library is constructed after what it needs, whoever constructs that.
//@ libc: glibc
//@ build: libz.so = lib.c -DZ -Wl,-soname,libz.so
//@ build: libx.so = lib.c -DX -Wl,-soname,libx.so
//@ build: libw.so = lib.c -Wl,--no-as-needed -l:libx.so -l:libz.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: ok

#include "../parts/dl.h"

atomic_int z_begun, x_begun, x_done, checked;

static void *opens_x(void *unused)
{
    while (!atomic_load(&z_begun))
        usleep(100);
    return opened("libx.so", RTLD_NOW) ? unused : NULL;
}

int main(void)
{
    alarm(10);
    pthread_t thread = started(opens_x, NULL);
    opened("libw.so", RTLD_NOW);
    check_eq(atomic_load(&checked), 1);
    joined(thread);
    say("ok\n");
}
