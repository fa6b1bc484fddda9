//@ about: a program linked -z now does not start without one of its functions
//@ axes: ld=bfd,lld,mold
//@ libc: none,musl
//@ build: liba.so = full.c
//@ build: prog = main.c -Wl,-z,now -l:liba.so
//@ build: liba.so = empty.c
//@ elf: prog has NOW
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {prog}: undefined symbol: missing
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int missing(void);

int main(int argc, char **argv, char **envp)
{
    if (argc > 1)
        missing();
    print("ran\n");
    exit_group(0);
}
