// With a libc too: its start code registers the loader's function with atexit and runs the program's own destructors
// through it, as nothing else would.
//@ about: the function in rdx also runs the program's own fini_array, before those of its libraries
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ elf: prog has (FINI_ARRAY)
//@ stdout: main
//@ stdout: program ends
//@ stdout: library ends

#include "start.h"

__attribute__((destructor)) static void end(void) { print("program ends\n"); }

int main(int argc, char **argv, char **envp)
{
    print("main\n");
    return 0;
}
