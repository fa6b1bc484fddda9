//@ about: a versioned reference passes over an earlier library that has the name in another version only
//@ build: libone.so = lib.c -DVALUE=1 -Wl,--version-script=one.map
//@ build: libtwo.so = lib.c -DVALUE=2 -Wl,--version-script=two.map
//@ build: libuser.so = user.c -l:libtwo.so
//@ build: prog = main.c -l:libone.so -l:libtwo.so -l:libuser.so

#include "start.h"

int f(void);
int user(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 1);
    check_eq(user(), 2);
    exit_group(0);
}
