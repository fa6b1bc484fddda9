//@ about: a library is asked for the versions wanted of it by the name under which it was needed, also through a symlink
//@ libc: none,musl
//@ build: libv.so = lib.c -Wl,--version-script=v.map -Wl,-soname,libv.so.1
//@ build: prog = main.c -l:libv.so
//@ sh: mv libv.so libv.so.1.2.3; ln -s libv.so.1.2.3 libv.so.1
//@ elf: prog has [libv.so.1]

#include "start.h"

int f(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 1);
    exit_group(0);
}
