//@ about: exit() while other threads open and close libraries ends the process without hanging or crashing.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/wait.h>

static void *opens(void *name)
{
    for (;;)
        closed(opened((const char *)name, RTLD_NOW));
}

int main(void)
{
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(5);
            started(opens, "liba.so");
            started(opens, "libb.so");
            usleep(i * 100);
            exit(3);
        }
        int status;
        check_eq(waitpid(child, &status, 0), child);
        check_eq(status, 3 << 8);
    }
    say("ok\n");
}
