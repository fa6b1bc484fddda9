//@ about: dlsym of a thread-local variable gives the calling thread's, of the program, a needed and an opened library, before any other touch.
//@ libc: glibc,musl
//@ build: libneeded.so = ../parts/tls.c -DWHO=needed
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: prog = main.c -pthread -rdynamic -Wl,--no-as-needed -l:libneeded.so
//@ stdout: ok

#include "../parts/dl.h"

__thread long own = 7;
static void *a;

static void *looks(void *of_main)
{
    long *variable = (long *)found(a, "a_data");
    check(variable != of_main);
    check_eq(*variable, 123);
    *variable = 1;
    check_eq(((long *(*)(void))found(a, "a_address"))(), variable);
    check_eq(found(RTLD_DEFAULT, "own"), &own);
    check_eq(*(long *)found(RTLD_DEFAULT, "needed_data"), 123);
    check_eq(found(RTLD_DEFAULT, "needed_data"), ((long *(*)(void))found(RTLD_DEFAULT, "needed_address"))());
    return variable;
}

int main(void)
{
    a = opened("liba.so", RTLD_NOW);
    long *mine = (long *)looks(NULL);
    joined(started(looks, mine));
    check_eq(*mine, 1);
    say("ok\n");
}
