//@ about: a library linked -Bsymbolic uses its own definitions although the program has others
//@ axes: ld=bfd,lld,mold
//@ libc: none,musl
//@ build: liba.so = lib.c -Wl,-Bsymbolic
//@ build: prog = main.c -fPIC -l:liba.so -Wl,-E

#include "start.h"

int datum = 1;
int function(void) { return 1; }
int sees_datum(void);
int sees_function(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(sees_datum(), 2);
    check_eq(sees_function(), 2);
    exit_group(0);
}
