//@ about: A program in which nothing has TLS still has a thread pointer, a canary and a DTV.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: none,musl
//@ build: prog = main.c
//@ elf: prog lacks TLS
//@ stdout: ok

#include "start.h"
#include "threads.h"

static void check_words(void *unused)
{
    (void)unused;
    check(fs_word(0) != 0);
    check_eq(fs_word(0), *(uintptr_t *)fs_word(0));
    check(fs_word(8) != 0);
    check(fs_word(0x28) != 0);
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_words(NULL);
    struct thread thread;
    thread_start(&thread, check_words, NULL);
    thread_join(&thread);
    print("ok\n");
    return 0;
}
