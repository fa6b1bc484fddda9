//@ about: a library linked -z now brings a lazily bound program down that cannot serve it
//@ libc: none,musl
//@ build: liba.so = full.c
//@ build: libu.so = user.c -Wl,-z,now -l:liba.so
//@ build: prog = main.c -Wl,-z,lazy -l:libu.so
//@ build: liba.so = empty.c
//@ elf: libu.so has NOW
//@ elf: prog lacks NOW
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {dir}/libu.so: undefined symbol: missing
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int user(int);

int main(int argc, char **argv, char **envp)
{
    user(0);
    print("ran\n");
    exit_group(0);
}
