//@ about: IFUNC resolvers that dlopen runs open another library, whose constructors run at once, and one that is missing a symbol, and close again what they opened.
//@ libc: glibc
//@ build: libplain.so = lib.c -DPLAIN
//@ build: libmissing.so = lib.c -DMISSING
//@ build: libres.so = lib.c -DRESOLVERS
//@ build: libuser.so = lib.c -Wl,-z,now -Wl,-soname,libuser.so -Wl,--no-as-needed -l:libres.so
//@ build: prog = main.c -rdynamic
//@ stdout: plain begins
//@ stdout: user begins
//@ stdout: user ends
//@ stdout: ok

#include "../parts/dl.h"

static void *plain, *brief;
static const char *wrong;
void act(int what)
{
    switch (what) {
    case 1:
        plain = opened("libplain.so", RTLD_NOW);
        check_eq(((int (*)(void))found(plain, "plain"))(), 10);
        break;
    case 4:
        check(!dlopen("libmissing.so", RTLD_NOW));
        wrong = dlerror();
        check(wrong && strstr(wrong, "undefined symbol: nowhere"));
        break;
    case 5:
        brief = opened("libplain.so", RTLD_NOW);
        closed(brief);
    }
}

int main(void)
{
    alarm(5);
    void *user = opened("libuser.so", RTLD_NOW);
    check_eq(plain, brief);
    check_eq(((int (*)(void))found(user, "user"))(), 15);
    closed(user);
    check_gone("/libuser.so");
    check_here("/libplain.so");
    closed(plain);
    check_gone("/libplain.so");
    check(!listed("/libmissing.so"));
    say("ok\n");
}
