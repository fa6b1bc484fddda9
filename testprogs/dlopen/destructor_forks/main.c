//@ about: Constructors and destructors of dlopen, dlclose and exit fork: the child opens another library, its TLS and the library itself again, closes them, and leaves by exit(), which runs the destructors that are due in it.
//@ libc: glibc
//@ build: liba.so = lib.c
//@ build: libplain.so = lib.c -DPLAIN
//@ build: libtls.so = ../parts/tls.c -DWHO=t
//@ build: prog = main.c -rdynamic
//@ stdout: constructor
//@ stdout: child
//@ stdout: destructor
//@ stdout: destructor
//@ stdout: child
//@ stdout: constructor
//@ stdout: child
//@ stdout: destructor
//@ stdout: exit
//@ stdout: destructor
//@ stdout: child

#include "../parts/dl.h"
#include <sys/wait.h>

static int is_child;

void forks(const char *from)
{
    say("%s\n", from);
    if (is_child)
        return;
    pid_t child = fork();
    check(child >= 0);
    if (child == 0) {
        is_child = 1;
        alarm(5);
        say("child\n");
        void *plain = opened("libplain.so", RTLD_NOW), *tls = opened("libtls.so", RTLD_NOW);
        check_eq(((int (*)(void))found(plain, "value"))(), 42);
        check_eq(((int (*)(long))found(tls, "t_check"))(3), 0);
        void *own = must(dlopen("liba.so", RTLD_NOW | RTLD_NOLOAD));
        check_eq(((int (*)(void))found(own, "value"))(), 42);
        closed(own);
        closed(tls);
        closed(plain);
        exit(0);
    }
    int status;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 0);
}

int main(void)
{
    alarm(20);
    closed(opened("liba.so", RTLD_NOW));
    opened("liba.so", RTLD_NOW);
    say("exit\n");
}
