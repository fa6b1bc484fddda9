//@ about: A library whose constructors were not reached, for that of one which it needs was left, is neither constructed nor destroyed any more once it is being closed, though a destructor opens what needs it.
//@ libc: glibc
//@ build: liba.so = lib.c -DWHO="a" -DMINE=a -DNEEDED=b -Wl,-soname,liba.so
//@ build: libb.so = lib.c -DWHO="b" -DMINE=b -DNEEDED=a -Wl,-soname,libb.so -Wl,--no-as-needed -l:liba.so
//@ build: liba.so = lib.c -DWHO="a" -DMINE=a -DNEEDED=b -Wl,-soname,liba.so -Wl,--no-as-needed -l:libb.so
//@ build: libc1.so = lib.c -DWHO="c" -DMINE=c -DNEEDED=a -Wl,--no-as-needed -l:liba.so
//@ build: prog = main.c -rdynamic
//@ stdout: +a
//@ stdout: left
//@ stdout: -a
//@ stdout: ok
//@ oracle: differs: glibc constructs both in the destructor of one, and destroys neither

#include "../parts/dl.h"
#include <setjmp.h>

static jmp_buf away;

void leaves(const char *who)
{
    say("%s\n", who);
    if (strcmp(who, "+a") == 0)
        longjmp(away, 1);
    if (strcmp(who, "-a") == 0) {
        void *a = opened("liba.so", RTLD_NOW);
        check_eq(((int (*)(void))found(a, "both"))(), 2);
        closed(a);
    }
}

int main(void)
{
    alarm(10);
    if (setjmp(away) == 0)
        opened("libc1.so", RTLD_NOW);
    say("left\n");
    void *c = must(dlopen("libc1.so", RTLD_NOW | RTLD_NOLOAD));
    closed(c);
    closed(c);
    check_gone("/liba.so");
    check_gone("/libb.so");
    say("ok\n");
}
