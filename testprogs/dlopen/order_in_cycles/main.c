//@ about: Constructors and destructors of libraries that need each other come in glibc's order: the opened one is constructed last; destructors go by load order, as far as need allows, and a library goes before one that it is only bound to. What a destructor closes goes when the others are through.
//@ libc: glibc
//@ sh: lib() { n=$1; shift; $CC $CFLAGS -shared -fPIC -DNAME="\"$n\"" -DFUNCTION=f_$n $SRC/lib.c -o libo$n.so -L. -Wl,-rpath,'$ORIGIN' -Wl,--no-as-needed "$@"; }; for n in a b c d f g p q; do lib $n; done; lib a -l:libob.so; lib b -l:liboa.so -l:liboc.so; lib c -l:liboa.so -l:libod.so; lib e -l:libof.so -l:libog.so; lib f -l:libog.so; lib g -l:libof.so; lib r -DBINDS=f_q; lib s -DCLOSES='"libop.so"' -l:libod.so
//@ build: prog = main.c
//@ stdout: a: +d+c+b+a | -c-a-b-d
//@ stdout: b: +d+a+c+b | -c-a-b-d
//@ stdout: c: +a+b+d+c | -b-c-d-a
//@ stdout: e: +f+g+e | -e-g-f
//@ stdout: d, c, b: +d+a+b+c | -b-c-a-d
//@ stdout: r: +q+r | -r-q
//@ stdout: s: +p+d+s | -s(libop.so closed)-d-p
//@ stdout: left: +f+g+e+q+r+a+b+d+c | -e-f-g-r-q-a-b-c-d

#include "../parts/dl.h"
#include <sys/wait.h>

static void one(const char *name)
{
    char file[16];
    say("%s: ", name);
    snprintf(file, sizeof file, "libo%s.so", name);
    void *handle = opened(file, RTLD_NOW);
    say(" | ");
    closed(handle);
    check_gone(file);
    say("\n");
}

int main(void)
{
    one("a");
    one("b");
    one("c");
    one("e");
    // One after the other, and closed in the other order: the first needs the others.
    say("d, c, b: ");
    void *handles[3] = {opened("libod.so", RTLD_NOW), opened("liboc.so", RTLD_NOW), opened("libob.so", RTLD_NOW)};
    say(" | ");
    for (int i = 0; i < 3; i++)
        closed(handles[i]);
    check_gone("/libob.so");
    // r is bound to q, which nobody needs, and loaded first.
    say("\nr: ");
    void *q = opened("liboq.so", RTLD_NOW | RTLD_GLOBAL), *r = opened("libor.so", RTLD_NOW);
    say(" | ");
    closed(q);
    check_here("/liboq.so");
    closed(r);
    check_gone("/liboq.so");
    say("\ns: ");
    opened("libop.so", RTLD_NOW);
    void *s = opened("libos.so", RTLD_NOW);
    say(" | ");
    closed(s);
    check_gone("/libop.so");
    // At the end: of a cycle, and of r and q.
    say("\nleft: ");
    if (fork() > 0) {
        wait(NULL);
        say("\n");
        _exit(0);
    }
    opened("libog.so", RTLD_NOW);
    opened("liboe.so", RTLD_NOW);
    opened("liboq.so", RTLD_NOW | RTLD_GLOBAL);
    opened("libor.so", RTLD_NOW);
    opened("liboc.so", RTLD_NOW);
    say(" | ");
}
