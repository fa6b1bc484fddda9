//@ about: an earlier object without any versions serves a versioned reference (so does an LD_PRELOAD wrapper)
//@ libc: none,musl
//@ build: libv.so = lib.c -DVALUE=1 -Wl,--version-script=v.map
//@ build: libplain.so = lib.c -DVALUE=2
//@ build: prog = main.c -l:libv.so
//@ env: LD_PRELOAD=libplain.so
//@ musl oracle: differs: musl ignores versions

#include "start.h"

int f(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 2);
    exit_group(0);
}
