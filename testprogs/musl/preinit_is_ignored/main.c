//@ about: musl runs no DT_PREINIT_ARRAY, and constructors of libraries have argc, argv and envp from ld-rs, where musl's own linker passes nothing
//@ libc: musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so
//@ elf: prog has (PREINIT_ARRAY)
//@ run: one two
//@ env: GREETING=hello
//@ stdout: constructor 3 two hello
//@ stdout: main 3 two
//@ oracle: differs: its constructors get no arguments

#include <stdio.h>

static void early(void) { dprintf(1, "preinit\n"); }
__attribute__((section(".preinit_array"), used)) static void (*const table[])(void) = {early};

int main(int argc, char **argv)
{
    dprintf(1, "main %d %s\n", argc, argv[2]);
}
