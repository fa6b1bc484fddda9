//@ about: a weak definition is as good as a strong one: the first in the scope wins
//@ libc: none,musl
//@ build: liba.so = lib.c -DVALUE=1 -DWEAK=__attribute__((weak)) -DONLY=a
//@ build: libb.so = lib.c -DVALUE=2 -DWEAK= -DONLY=b
//@ build: prog = main.c -l:liba.so -l:libb.so

#include "start.h"

int which(void);
extern int where;

int main(int argc, char **argv, char **envp)
{
    check_eq(which(), 1);
    check_eq(where, 1);
    exit_group(0);
}
