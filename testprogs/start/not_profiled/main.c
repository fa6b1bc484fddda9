//@ about: LD_PROFILE does not make a program slower, nor does it leave a file
//@ rule: LD_PROFILE LD_PROFILE_OUTPUT: Not honoured: calls are not counted, and no file is written.
//@ libc: glibc
//@ build: liba.so = lib.c -Wl,-soname,liba.so -Wl,-z,lazy
//@ build: prog = main.c -l:liba.so
//@ env: LD_PROFILE=liba.so
//@ env: LD_PROFILE_OUTPUT={dir}
//@ stdout: 1 0
//@ oracle: differs: it profiles

#include <stdio.h>
#include <unistd.h>

int a(void);

int main(void)
{
    printf("%d %d\n", a(), access("liba.so.profile", F_OK) == 0);
    return 0;
}
