//@ about: dlopen by an IFUNC resolver of start-up fails, and the program starts: the thread's TLS and the libc's state are not complete there. glibc opens the library where the resolver's own calls are relocated already (as here), and crashes where they are not
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: libplugin.so = ../parts/speaks.c -DWHO=plugin -DSILENT
//@ build: prog = main.c -fno-plt -Wl,-z,now
//@ oracle: differs: the library is opened
//@ stdout: 1 dlopen called by an IFUNC resolver
//@ stdout: ok

#include "../parts/dl.h"

static void *plugin;
static const char *wrong;

static int one(void)
{
    return 1;
}

static void *choose(void)
{
    plugin = dlopen("libplugin.so", RTLD_NOW);
    wrong = plugin ? "is open" : dlerror();
    return one;
}

int chosen(void) __attribute__((ifunc("choose")));
int (*volatile pointer)(void) = chosen;

int main(void)
{
    say("%d %s\n", pointer(), wrong);
    check(!plugin);
    opened("libplugin.so", RTLD_NOW);
    say("ok\n");
}
