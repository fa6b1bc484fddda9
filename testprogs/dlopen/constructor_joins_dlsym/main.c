//@ about: A constructor starts and joins a thread that calls dlsym, dladdr, dlerror and dl_iterate_phdr.
//@ libc: glibc
//@ build: liba.so = lib.c -pthread
//@ build: prog = main.c -pthread
//@ stdout: thread has looked
//@ stdout: constructor has joined
//@ stdout: ok
//@ oracle: differs: glibc deadlocks

#include "../parts/dl.h"

int main(void)
{
    alarm(3);
    opened("liba.so", RTLD_NOW);
    say("ok\n");
}
