//@ about: look-up goes by name: a reference finds a definition of type NOTYPE, of size 0, and an absolute one, unmoved
//@ rule: SHN_ABS: The value is an address as it stands: the load bias is not added.
//@ libc: none,musl
//@ build: liba.so = lib.S
//@ build: prog = main.c -fPIC -l:liba.so
//@ musl oracle: differs: musl adds the load address to absolute symbols too

#include "start.h"

extern int untyped[];
extern char absolute[];

int main(int argc, char **argv, char **envp)
{
    check_eq(untyped[0], 77);
    check_eq((unsigned long)absolute, 0x1234);
    exit_group(0);
}
