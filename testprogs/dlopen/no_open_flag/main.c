//@ about: An object with DF_1_NOOPEN comes at start-up only: dlopen of it, or of what needs it, is refused and leaves nothing; one that is there may be opened.
//@ rule: DF_1_NOOPEN: dlopen refuses the object, as a dependency too; one that came at start-up may be opened.
//@ libc: glibc
//@ build: libn.so = ../parts/speaks.c -DWHO=n -z nodlopen -Wl,-soname,libn.so
//@ build: libstart.so = ../parts/speaks.c -DWHO=start -DSILENT -z nodlopen
//@ build: libb.so = ../parts/speaks.c -DWHO=b -Wl,-soname,libb.so -Wl,--no-as-needed -l:libn.so
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so
//@ build: libok.so = ../parts/speaks.c -DWHO=fine -DSILENT -Wl,--no-as-needed -l:libstart.so
//@ build: prog = main.c -Wl,--no-as-needed -l:libstart.so
//@ elf: libn.so has NOOPEN
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: ./libn.so: shared object cannot be dlopen()ed
//@ stdout: libn.so: shared object cannot be dlopen()ed
//@ stdout: libn.so: shared object cannot be dlopen()ed
//@ stdout: libn.so: shared object cannot be dlopen()ed
//@ stdout: ok

#include "../parts/dl.h"

static void refused(const char *name, int mode)
{
    check(!dlopen(name, mode));
    say("%s\n", dlerror());
    check_gone("/libn.so");
    check_gone("/libb.so");
    check_gone("/liba.so");
}

int main(void)
{
    refused("./libn.so", RTLD_NOW);
    refused("libn.so", RTLD_LAZY | RTLD_GLOBAL);
    refused("libb.so", RTLD_NOW);
    refused("./liba.so", RTLD_LAZY | RTLD_NODELETE);
    check(!dlopen("libn.so", RTLD_NOW | RTLD_NOLOAD) && !dlerror());
    void *start = opened("libstart.so", RTLD_NOW);
    check_eq(opened("./libstart.so", RTLD_NOW), start);
    found(opened("libok.so", RTLD_NOW), "start");
    say("ok\n");
}
