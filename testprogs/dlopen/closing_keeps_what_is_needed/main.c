//@ about: While destructors run, what their library needs stays, whoever gives back a handle for it: the destructor itself, another thread, or both. It goes afterwards, with its own destructors.
//@ libc: glibc
//@ build: libneeded.so = lib.c -DNEEDED -Wl,-soname,libneeded.so
//@ build: libuser.so = lib.c -Wl,--no-as-needed -l:libneeded.so
//@ build: libabove.so = ../parts/speaks.c -DWHO=above -DSILENT -Wl,--no-as-needed -l:libuser.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: user ends
//@ stdout: needed ends
//@ stdout: user ends
//@ stdout: needed ends
//@ stdout: user ends
//@ stdout: needed ends
//@ stdout: ok

#include "../parts/dl.h"

atomic_int ending;
int patient = 1;

static void *closes(void *handle)
{
    while (!atomic_load(&ending))
        usleep(100);
    closed(handle);
    return NULL;
}

static void one(const char *name, int threads)
{
    pthread_t closers[2];
    atomic_store(&ending, 0);
    for (int i = 0; i < threads; i++)
        closers[i] = started(closes, opened("libneeded.so", RTLD_NOW));
    closed(opened(name, RTLD_NOW));
    for (int i = 0; i < threads; i++)
        joined(closers[i]);
    check_gone("/libuser.so");
    check_gone("/libneeded.so");
}

int main(void)
{
    alarm(10);
    one("libuser.so", 0);
    patient = 30;
    one("libuser.so", 1);
    one("libabove.so", 2);
    say("ok\n");
}
