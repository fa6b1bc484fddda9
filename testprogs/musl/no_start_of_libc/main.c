//@ about: A program that links libc.so and has an entry of its own, without libc's start, can use what libc has set up: thread-local data, errno, write, malloc
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -nostartfiles -l:liba.so
//@ stdout: ok

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int *counter(void);
__thread int own = 5;

__attribute__((force_align_arg_pointer, noreturn)) void _start(void)
{
    char *text = malloc(4);
    if (!text || *counter() != 123 || own != 5)
        _exit(1);
    if (close(-1) != -1 || errno != EBADF)
        _exit(2);
    memcpy(text, "ok\n", 3);
    write(1, text, 3);
    _exit(0);
}
