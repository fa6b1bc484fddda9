//@ about: An IFUNC resolver that dlopen runs may fork, and the child may leave by exit, whose handlers run; the parent goes on.
//@ libc: glibc
//@ build: liba.so = lib.c -Wl,-z,now
//@ build: prog = main.c -rdynamic
//@ stdout: left
//@ stdout: ok

#include "../parts/dl.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t parent;

static void leaves(void)
{
    if (getpid() != parent)
        say("left\n");
}

int hook(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        exit(7);
    waitpid(child, &status, 0);
    return status;
}

int main(void)
{
    parent = getpid();
    atexit(leaves);
    void *a = opened("liba.so", RTLD_NOW);
    int status = ((int (*)(void))found(a, "user"))();
    check(WIFEXITED(status));
    check_eq(WEXITSTATUS(status), 7);
    closed(a);
    say("ok\n");
    return 0;
}
