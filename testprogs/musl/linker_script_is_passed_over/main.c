//@ about: A linker script by the name of libc.so, as glibc's development files have it, in a folder that is searched is passed over
//@ libc: musl
//@ sh: mkdir scripts && printf 'OUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/x86_64-linux-gnu/libc.so.6 )\n' > scripts/libfoo.so && cp scripts/libfoo.so scripts/libc.so
//@ build: libfoo.so = lib.c
//@ build: prog = main.c -l:libfoo.so
//@ env: LD_LIBRARY_PATH={dir}/scripts
//@ stdout: 3
//@ oracle: differs: musl stops at what is no ELF file

#include <stdio.h>

int foo(void);

int main(void)
{
    printf("%d\n", foo());
}
