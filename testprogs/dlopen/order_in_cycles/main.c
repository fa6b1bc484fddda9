//@ about: Constructors and destructors of libraries that need each other come in glibc's order: the opened one is constructed last; destructors go by load order, as far as need allows, and a library goes before one that it is only bound to. What a destructor closes goes when the others are through.
//@ libc: glibc
//@ libc: glibc
//@ sh: for n in a b c d e f g; do $CC $CFLAGS -shared -fPIC -DNAME="\"$n\"" -DFUNCTION=f_$n $SRC/lib.c -o lib$n.so; done
//@ sh: lib() { n=$1; shift; $CC $CFLAGS -shared -fPIC -DNAME="\"$n\"" -DFUNCTION=f_$n $SRC/lib.c -o lib$n.so -L. -Wl,-rpath,'$ORIGIN' -Wl,--no-as-needed "$@"; }; lib a -l:libb.so; lib b -l:liba.so -l:libc.so; lib c -l:liba.so -l:libd.so; lib e -l:libf.so -l:libg.so; lib f -l:libg.so; lib g -l:libf.so
//@ sh: for n in p q; do $CC $CFLAGS -shared -fPIC -DNAME="\"$n\"" -DFUNCTION=f_$n $SRC/lib.c -o lib$n.so; done
//@ sh: $CC $CFLAGS -shared -fPIC -DNAME='"r"' -DFUNCTION=f_r -DBINDS=f_q $SRC/lib.c -o libr.so
//@ sh: $CC $CFLAGS -shared -fPIC -DNAME='"s"' -DFUNCTION=f_s -DCLOSES='"libp.so"' $SRC/lib.c -o libs.so -L. -Wl,-rpath,'$ORIGIN' -Wl,--no-as-needed -l:libd.so
//@ build: prog = main.c
//@ stdout: a: +d+c+b+a | -a-b-c-d
//@ stdout: b: +d+c+a+b | -a-b-c-d
//@ stdout: c: +d+b+a+c | -a-b-c-d
//@ stdout: e: +f+g+e | -e-g-f

#include "../parts/dl.h"

static void one(const char *name)
{
    char file[16];
    say("%s: ", name);
    snprintf(file, sizeof file, "lib%s.so", name);
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
    void *handles[3] = {opened("libd.so", RTLD_NOW), opened("libc.so", RTLD_NOW), opened("libb.so", RTLD_NOW)};
    say(" | ");
    for (int i = 0; i < 3; i++)
        closed(handles[i]);
    check_gone("/libb.so");
    // r is bound to q, which nobody needs, and loaded first.
    say("\nr: ");
    void *q = opened("libq.so", RTLD_NOW | RTLD_GLOBAL), *r = opened("libr.so", RTLD_NOW);
    say(" | ");
    closed(q);
    check_here("/libq.so");
    closed(r);
    check_gone("/libq.so");
    say("\ns: ");
    opened("libp.so", RTLD_NOW);
    void *s = opened("libs.so", RTLD_NOW);
    say(" | ");
    closed(s);
    check_gone("/libp.so");
    // At the end: of a cycle, and of r and q.
    say("\nleft: ");
    opened("libg.so", RTLD_NOW);
    opened("libe.so", RTLD_NOW);
    opened("libq.so", RTLD_NOW | RTLD_GLOBAL);
    opened("libr.so", RTLD_NOW);
    opened("libc.so", RTLD_NOW);
    say(" | ");
}
