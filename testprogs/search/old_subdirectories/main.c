//@ about: the loader of a glibc before 2.37 looks into tls/, the platform's subdirectory and those of sets of both below each directory, before the directory itself; that of a later one does not
//@ rule: LD_LIBRARY_PATH DT_RPATH DT_RUNPATH: With a glibc before 2.37, below each directory tls, the platform (haswell, x86_64), avx512_1 and x86_64 are searched before it, and sets of them (tls/x86_64), as that glibc does; which glibc it is says the libc.so.6 that would be found without them. Of later ones, and without glibc, only those in glibc-hwcaps.
//@ libc: glibc
//@ build: liba.so = lib.c -DNAME=a -DVALUE=2
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: libd.so = lib.c -DNAME=d -DVALUE=2
//@ build: libe.so = lib.c -DNAME=e -DVALUE=2
//@ sh: mkdir -p tls/x86_64 x86_64 one/tls one/x86_64 two three; mv liba.so tls/x86_64; mv libb.so x86_64; mv libd.so one/tls; cp libe.so three; mv libe.so two
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ build: libd.so = lib.c -DNAME=d -DVALUE=1
//@ build: libe.so = lib.c -DNAME=e -DVALUE=1
//@ build: prog = main.c -l:liba.so -l:libb.so -l:libd.so -l:libe.so
//@ sh: cp libd.so libb.so tls; cp libd.so one/x86_64; mv libd.so one; cp one/libd.so two
//@ env: LD_LIBRARY_PATH={dir}/three/none:{dir}/one:{dir}/two
//@ stdout: ok

#include "../../dlopen/parts/dl.h"
#include <gnu/libc-version.h>

int a(void), b(void), d(void), e(void);

int main(void)
{
    bool old = atoi(strchr(gnu_get_libc_version(), '.') + 1) < 37;
    check_eq(a(), old ? 2 : 1);
    // Not in tls/x86_64; tls comes before x86_64.
    check_eq(b(), 1);
    check_eq(d(), old ? 2 : 1);
    check_eq(e(), 2);
    say("ok\n");
}
