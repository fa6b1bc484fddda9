//@ about: With LD_RS_STRICT a library that wants relocations in its code is refused
//@ build: liba.so = code.S -Wl,-z,notext
//@ build: prog = main.c -l:liba.so
//@ elf: liba.so has TEXTREL
//@ env: LD_LIBRARY_PATH={dir}
//@ env: LD_RS_STRICT=1
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: liba.so: cannot relocate read-only segments (text relocations)
//@ oracle: differs: glibc makes the code writable, without a word

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    exit_group(0);
}
