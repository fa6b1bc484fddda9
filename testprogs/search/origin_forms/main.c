//@ about: $ORIGIN and ${ORIGIN} are the folder of the object that has the path, a library's its own
//@ libc: none,musl
//@ build: libx.so = lib.c -DNAME=x -DVALUE=3
//@ build: libb.so = through.c -DNAME=b -DNEXT=x -l:libx.so -Wl,-rpath,${ORIGIN}/../c/.
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: prog = main.c -l:liba.so -l:libb.so -Wl,-rpath,$ORIGIN/a/../a:${ORIGIN}/b
//@ sh: mkdir a b c; mv liba.so a; mv libb.so b; mv libx.so c

#include "start.h"

int a(void);
int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    check_eq(b(), 3);
    exit_group(0);
}
