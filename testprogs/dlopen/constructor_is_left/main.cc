//@ about: A constructor that is left by an exception, through two dlopens, or by longjmp: as under glibc its library counts as constructed, its handle as given out, those that come after it are not constructed, and the destructors of all that was begun run at exit, once.
//@ libc: glibc
//@ build: liba.so = lib.cc -DWHO="a" -DTHREE=three_a
//@ build: libb.so = lib.cc -DWHO="b" -DTHREE=three_b -Wl,--no-as-needed -l:liba.so
//@ build: libc1.so = lib.cc -DWHO="c" -DTHREE=three_c
//@ build: libd.so = lib.cc -DWHO="d" -DTHREE=three_d
//@ build: prog = main.cc -rdynamic
//@ stdout: +c
//@ stdout: +a
//@ stdout: caught +a
//@ stdout: +d
//@ stdout: left by longjmp
//@ stdout: exit
//@ stdout: -c
//@ stdout: -a
//@ stdout: -d

#include "../parts/dl.h"
#include <setjmp.h>
#include <stdexcept>

static jmp_buf away;
static const char *throws = "", *jumps = "", *opens = "";
typedef void *(*opener)(const char *, int);
// By a pointer: the declaration says that it does not throw.
static volatile opener open_it = (opener)dlopen;

extern "C" void leaves(const char *who)
{
    say("%s\n", who);
    if (strcmp(who, "+c") == 0)
        open_it(opens, RTLD_NOW);
    if (strcmp(who, throws) == 0)
        throw std::runtime_error(who);
    if (strcmp(who, jumps) == 0)
        longjmp(away, 1);
}

int main()
{
    alarm(10);
    throws = "+a";
    opens = "libb.so";
    try {
        open_it("libc1.so", RTLD_NOW);
        say("not reached\n");
    } catch (std::exception &e) {
        say("caught %s\n", e.what());
    }
    throws = "";
    // Both stay, with one handle; nothing is constructed twice.
    void *b = must(dlopen("libb.so", RTLD_NOW | RTLD_NOLOAD)), *c = opened("libc1.so", RTLD_NOW);
    check_eq(((int (*)(void))found(c, "three_c"))(), 3);
    closed(c);
    closed(b);
    check_here("/liba.so");
    jumps = "+d";
    if (setjmp(away) == 0) {
        opened("libd.so", RTLD_NOW);
        say("not reached\n");
    }
    say("left by longjmp\n");
    jumps = "";
    say("exit\n");
}
