// start.h calls after main what the loader left in rdx.
//@ about: the function in rdx runs fini_array backwards, then DT_FINI, users before what they need, each once
//@ build: libb.so = lib.c -DNAME="b" -Wl,-fini=last -Wl,-init=early
//@ build: liba.so = lib.c -DNAME="a" -l:libb.so -Wl,-fini=last -Wl,-init=early
//@ build: prog = main.c -l:liba.so
//@ elf: liba.so has (FINI) (FINI_ARRAY)
//@ stdout: b starts
//@ stdout: a starts
//@ stdout: main
//@ stdout: a ends: second
//@ stdout: a ends: first
//@ stdout: a ends: fini
//@ stdout: b ends: second
//@ stdout: b ends: first
//@ stdout: b ends: fini

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    print("main\n");
    return 0;
}
