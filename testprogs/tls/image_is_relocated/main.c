//@ about: Addresses in the TLS image of program and library are relocated before the image is copied, in every thread.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: none,musl
//@ build: liba.so = library.c
//@ build: prog = main.c -l:liba.so
//@ elf: liba.so has R_X86_64_RELATIVE R_X86_64_64
//@ stdout: ok

#include "start.h"
#include "threads.h"

extern int exported;
int *a_target(void), **a_to_static(void), **a_to_exported(void), *(**a_to_function(void))(void);

static int own = 8;
static __thread int *to_own = &own;
static __thread int *to_library = &exported;

static void check_pointers(void *unused)
{
    (void)unused;
    check_eq(*a_to_static(), a_target());
    check_eq(**a_to_static(), 5);
    check_eq(*a_to_exported(), &exported);
    check_eq(**a_to_exported(), 6);
    check_eq((*a_to_function())(), a_target());
    check_eq(to_own, &own);
    check_eq(*to_own, 8);
    check_eq(to_library, &exported);
    to_own = *a_to_static() = NULL; // only this thread's
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_pointers(NULL);
    struct thread threads[4];
    for (int i = 0; i < 4; i++)
        thread_start(&threads[i], check_pointers, NULL);
    for (int i = 0; i < 4; i++)
        thread_join(&threads[i]);
    print("ok\n");
    return 0;
}
