//@ about: dlopen refuses the running program's own file, by whatever name, as any program's: also as what a library needs; its handle is dlopen of no name.
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: prog = main.c
//@ build: libneeds.so = ../parts/speaks.c -DWHO=needs -DSILENT -Wl,--no-as-needed -L.
//@ sh: patchelf --add-needed ./prog libneeds.so
//@ sh: ln -f prog other; ln -sf prog link
//@ stdout: ok

#include "../parts/dl.h"

static void refused(const char *name, const char *says)
{
    check(!dlopen(name, RTLD_NOW));
    const char *text = must(dlerror());
    check(strncmp(text, says, strlen(says)) == 0);
    check(ends_with(text, ": cannot dynamically load position-independent executable") ||
          ends_with(text, ": cannot dynamically load executable"));
    check(!dlopen(name, RTLD_NOW | RTLD_NOLOAD));
}

int main(void)
{
    int objects = look(NULL).total;
    refused("./prog", "./prog: ");
    refused("$ORIGIN/prog", "$ORIGIN/prog: ");
    char exe[4096] = "";
    check(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0);
    if (ends_with(exe, "/prog")) // not the loader, by which it was started
        refused("/proc/self/exe", "/proc/self/exe: ");
    refused("./other", "./other: ");
    refused("./link", "./link: ");
    refused("./libneeds.so", "./prog: ");
    check_eq(look(NULL).total, objects);
    check(dlopen(NULL, RTLD_NOW) == dlopen("", RTLD_LAZY));
    say("ok\n");
}
