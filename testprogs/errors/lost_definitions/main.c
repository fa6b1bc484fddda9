//@ about: a library that kept its version table and lost the definitions it points to is warned about, never a crash
//@ build: libv.so = lib.c -Wl,--version-script=v.map
//@ build: prog = main.c -fPIC -l:libv.so
//@ sh: for tag in 0x6ffffffc 0x6ffffffd; do sh $SRC/../../parts/retag.sh libv.so $tag 0x60000001; done
//@ env: LD_LIBRARY_PATH={dir}
//@ elf: libv.so has VERSYM
//@ elf: libv.so lacks VERDEF
//@ stderr: {prog}: {dir}/libv.so: no version information available (required by {prog})
//@ oracle: no: what it makes of the indexes into nothing depends on its luck

#include "start.h"

int f(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 1);
    exit_group(0);
}
