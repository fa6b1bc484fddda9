//@ about: a later version that is hidden serves nobody who does not name it
//@ libc: none,musl
//@ build: libv.so = plain.c
//@ build: liba.so = user.c -l:libv.so
//@ build: libv.so = new.c -Wl,--version-script=new.map
//@ build: prog = main.c -l:liba.so -l:libv.so

#include "start.h"

int a_has(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a_has(), 0);
    exit_group(0);
}
