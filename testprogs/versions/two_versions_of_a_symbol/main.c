// libold.so was linked when V1 was all there was; the program saw V1 and the default V2.
//@ about: each user gets the version of a symbol that it was linked with: hidden V1 for the old, default V2 for the new
//@ libc: none,musl
//@ build: libv.so = old.c -Wl,--version-script=old.map
//@ build: libold.so = user.c -l:libv.so
//@ build: libv.so = new.c -Wl,--version-script=new.map
//@ build: prog = main.c -l:libv.so -l:libold.so
//@ musl oracle: differs: musl ignores versions

#include "start.h"

int f(void);
int old_user(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 2);
    check_eq(old_user(), 1);
    exit_group(0);
}
