//@ about: a needed name with a slash is a path, from the current folder or with $ORIGIN expanded; no search is made
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ sh: mkdir sub env; mv liba.so libb.so sub
//@ build: liba.so = lib.c -DNAME=a -DVALUE=3
//@ build: prog = main.c sub/liba.so sub/libb.so
//@ sh: mv liba.so env; patchelf --replace-needed sub/libb.so '$ORIGIN/sub/libb.so' prog
//@ elf: prog has [sub/liba.so] [$ORIGIN/sub/libb.so]
//@ env: LD_LIBRARY_PATH={dir}/env
//@ musl oracle: differs: musl knows $ORIGIN in run paths only

#include "start.h"

int a(void);
int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    check_eq(b(), 2);
    exit_group(0);
}
