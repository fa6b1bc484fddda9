//@ about: a needed name that is the soname of a loaded file is that file, whatever its name on disk
//@ libc: none,musl
//@ build: liba.so = lib.c -Wl,-soname,libnowhere.so.1
//@ build: libuser.so = user.c -l:liba.so
//@ build: prog = main.c -l:liba.so -l:libuser.so
//@ sh: mkdir sub; mv liba.so sub/other; patchelf --replace-needed libnowhere.so.1 ./sub/other prog
//@ elf: prog has [./sub/other] [libuser.so]
//@ elf: libuser.so has [libnowhere.so.1]
//@ musl oracle: differs: musl compares names and files, not sonames

#include "start.h"

extern int loads;
int user(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(loads, 1);
    check_eq(user(), 1);
    exit_group(0);
}
