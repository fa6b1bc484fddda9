//@ about: %fs is a thread pointer whose first word is itself, in the initial thread and in others.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: none,musl
//@ build: prog = main.c
//@ stdout: ok

#include "start.h"
#include "threads.h"

static __thread int variable = 123;

static void check_self(void *unused)
{
    (void)unused;
    enum { ARCH_GET_FS = 0x1003 };
    uintptr_t tp = 0;
    check_eq(syscall3(__NR_arch_prctl, ARCH_GET_FS, &tp, 0), 0);
    check(tp != 0);
    check_eq(fs_word(0), tp);
    check_eq(*(uintptr_t *)tp, tp);
    check((uintptr_t)&variable < tp && tp - (uintptr_t)&variable <= 64);
    check_eq(variable, 123);
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_self(NULL);
    struct thread thread;
    thread_start(&thread, check_self, NULL);
    thread_join(&thread);
    print("ok\n");
    return 0;
}
