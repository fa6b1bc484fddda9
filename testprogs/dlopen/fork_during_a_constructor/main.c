//@ about: A fork while another thread runs an object's constructors: the child, in which they will never end, can open that object and others without waiting for ever.
//@ libc: glibc
//@ build: libb.so = ../parts/tls.c -DWHO=b
//@ build: liba.so = lib.c
//@ build: prog = main.c -pthread -rdynamic
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/wait.h>

atomic_int running, forked;
static void *opens(void *unused)
{
    closed(opened("liba.so", RTLD_NOW));
    return unused;
}

int main(void)
{
    alarm(5);
    pthread_t thread = started(opens, NULL);
    while (!atomic_load(&running))
        usleep(1000);
    pid_t child = fork();
    if (child == 0) {
        alarm(3);
        void *b = opened("libb.so", RTLD_NOW);
        check_eq(((int (*)(long))found(b, "b_check"))(4), 0);
        opened("liba.so", RTLD_NOW);
        _exit(0);
    }
    atomic_store(&forked, 1);
    int status;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 0);
    joined(thread);
    check_gone("/liba.so");
    say("ok\n");
}
