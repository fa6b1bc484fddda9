//@ about: without a libc, tls/ and the platform's folder below a folder of LD_LIBRARY_PATH or DT_RUNPATH are not searched
//@ build: liba.so = lib.c -DNAME=a -DVALUE=2
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ sh: for d in . there; do for p in x86_64 haswell xeon_phi; do mkdir -p $d/tls/$p/x86_64 $d/$p/x86_64; cp liba.so libb.so $d/tls/$p/x86_64; cp liba.so libb.so $d/tls/$p; cp liba.so libb.so $d/tls; cp liba.so libb.so $d/$p; done; done
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ sh: mv libb.so there
//@ build: prog = main.c -l:liba.so -Wl,--allow-shlib-undefined there/libb.so
//@ sh: patchelf --replace-needed there/libb.so libb.so prog
//@ env: LD_LIBRARY_PATH={dir}/there
//@ oracle: no: up to 2.36 it searches them

#include "start.h"

int a(void);
int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a() * 10 + b(), 11);
    exit_group(0);
}
