//@ about: STB_GNU_UNIQUE: one definition for the process, though each library has one and was linked -Bsymbolic or not
//@ rule: STB_GNU_UNIQUE: The first definition that is bound to is that of the whole process, whatever the scopes; its object stays.
//@ libc: none,musl
//@ build: liba.so = lib.S getter.c -DNAME=a
//@ build: libb.so = lib.S getter.c -DNAME=b
//@ build: prog = main.c -fPIC -l:liba.so -l:libb.so

#include "start.h"

int *a(void);
int *b(void);
extern int unique;

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), b());
    check_eq(a(), &unique);
    check_eq(unique, 7);
    exit_group(0);
}
