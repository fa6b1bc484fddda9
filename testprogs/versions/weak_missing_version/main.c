// Linkers mark a needed version weak when all its references are, bfd never: the flag is set afterwards.
//@ about: a missing version that is needed only weakly costs a warning, and its symbol is null
//@ build: libv.so = lib.c -Wl,--version-script=two.map
//@ build: prog = main.c -fPIC -l:libv.so
//@ build: libv.so = lib.c -Wl,--version-script=one.map -DNO_F
//@ sh: sh weak.sh prog
//@ env: LD_LIBRARY_PATH={dir}
//@ stderr: {prog}: {dir}/libv.so: weak version `V2' not found (required by {prog})

#include "start.h"

__attribute__((weak)) int f(void);

int main(int argc, char **argv, char **envp)
{
    check(!f);
    exit_group(0);
}
