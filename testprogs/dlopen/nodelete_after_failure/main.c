//@ about: A dlopen that fails leaves no trace of a DF_1_NODELETE library it met: that can be opened afterwards, stays when closed, and is global only when somebody opens it so.
//@ libc: glibc
//@ build: libstays.so = ../parts/speaks.c -DWHO=stays -z nodelete -Wl,-soname,libstays.so
//@ build: libmissing.so = ../parts/speaks.c -DWHO=missing -DSILENT -Wl,-soname,libmissing.so
//@ build: libfails.so = ../parts/speaks.c -DWHO=fails -Wl,--no-as-needed -l:libstays.so -l:libmissing.so
//@ build: libwants.so = wants.c -Wl,--no-as-needed -l:libstays.so
//@ sh: rm libmissing.so
//@ build: prog = main.c
//@ stdout: stays begins
//@ stdout: leaving
//@ stdout: stays ends

#include "../parts/dl.h"

int main(void)
{
    for (int i = 0; i < 2; i++) {
        check(!dlopen("libfails.so", RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE));
        check(strncmp(must(dlerror()), "libmissing.so: cannot open", 26) == 0);
        check_gone("/libstays.so");
        check(!dlopen("libwants.so", RTLD_NOW | RTLD_GLOBAL));
        check(ends_with(must(dlerror()), ": undefined symbol: nobody_has_it"));
        check_gone("/libstays.so");
    }
    void *stays = opened("libstays.so", RTLD_NOW);
    check(absent(RTLD_DEFAULT, "stays"));
    check_eq(((int (*)(void))found(stays, "stays"))(), 1);
    closed(stays);
    check_here("/libstays.so");
    check(!dlopen("libfails.so", RTLD_NOW | RTLD_GLOBAL));
    check(absent(RTLD_DEFAULT, "stays"));
    check_eq(opened("libstays.so", RTLD_NOW), stays);
    check_eq(((int (*)(void))found(stays, "stays"))(), 2);
    check(absent(RTLD_DEFAULT, "stays"));
    check_eq(opened("libstays.so", RTLD_NOW | RTLD_GLOBAL), stays);
    check_eq(((int (*)(void))found(RTLD_DEFAULT, "stays"))(), 3);
    for (int i = 0; i < 4; i++)
        closed(stays);
    say("leaving\n");
}
