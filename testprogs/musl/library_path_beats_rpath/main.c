//@ about: With musl LD_LIBRARY_PATH stands before DT_RPATH as before DT_RUNPATH
//@ libc: musl
//@ build: libb.so = b.c -DVALUE=1
//@ sh: mkdir rpath path && mv libb.so rpath
//@ build: libb.so = b.c -DVALUE=2
//@ sh: mv libb.so path
//@ build: prog = main.c path/libb.so -Wl,--disable-new-dtags -Wl,-rpath,$ORIGIN/rpath
//@ elf: prog has (RPATH)
//@ sh: patchelf --replace-needed path/libb.so libb.so prog
//@ env: LD_LIBRARY_PATH={dir}/path
//@ stdout: 2

#include <stdio.h>

int b(void);

int main(void)
{
    printf("%d\n", b());
}
