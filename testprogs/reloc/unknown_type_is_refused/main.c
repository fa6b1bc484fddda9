//@ about: a relocation type that no loaded file may hold is an error that names it and its place
//@ rule: R_X86_64_: A type that is not in this list is of link editors: the object is refused.
//@ build: liba.so = pointer.c -Wl,--section-start=.data=0x50000
//@ build: prog = main.c -l:liba.so
//@ sh: sh $SRC/../../parts/retype.sh liba.so own 99
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: {dir}/liba.so: unexpected reloc type 0x63 at 0x50000
//@ oracle: no: the same words, but it without the place

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    exit_group(0);
}
