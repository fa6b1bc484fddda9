//@ about: dlclose of what stays is no error and is not counted; of what start-up brought it is one for each handle that was not given; the program has one handle more.
//@ libc: glibc
//@ build: libflag.so = ../parts/speaks.c -DWHO=flag -DSILENT -z nodelete
//@ build: libmode.so = ../parts/speaks.c -DWHO=mode -DSILENT
//@ build: libstart.so = ../parts/speaks.c -DWHO=start -DSILENT
//@ build: prog = main.c -Wl,--no-as-needed -l:libstart.so
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: {dir}/libstart.so: shared object not open
//@ stdout: shared object not open
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *flag = opened("libflag.so", RTLD_NOW), *mode = opened("libmode.so", RTLD_NOW);
    check_eq(opened("libmode.so", RTLD_NOW | RTLD_NODELETE), mode);
    void *start = opened("libstart.so", RTLD_NOW), *self = opened(NULL, RTLD_NOW);
    for (int i = 0; i < 10; i++) {
        closed(flag);
        closed(mode);
    }
    check_eq(((int (*)(void))found(flag, "flag"))(), 1);
    check_eq(((int (*)(void))found(mode, "mode"))(), 1);
    check_eq(opened("libflag.so", RTLD_NOW), flag);
    closed(start);
    check_eq(dlclose(start), -1);
    say("%s\n", dlerror());
    closed(self);
    closed(self);
    check_eq(dlclose(self), -1);
    say("%s\n", dlerror());
    // They are there as before.
    check_eq(opened("libstart.so", RTLD_NOW), start);
    check_eq(opened(NULL, RTLD_NOW), self);
    found(start, "start");
    say("ok\n");
}
