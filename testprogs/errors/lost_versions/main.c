// As a stripping tool leaves it that knows nothing of versions: the tags are gone, the sections may be there.
//@ about: a library that lost its version tags is warned about and used
//@ build: libv.so = lib.c -Wl,--version-script=v.map
//@ build: prog = main.c -fPIC -l:libv.so
//@ sh: for tag in 0x6ffffff0 0x6ffffffc 0x6ffffffd; do sh $SRC/../../parts/retag.sh libv.so $tag 0x60000001; done
//@ env: LD_LIBRARY_PATH={dir}
//@ elf: libv.so lacks VERSYM VERDEF
//@ stderr: {prog}: {dir}/libv.so: no version information available (required by {prog})
//@ oracle: differs: glibc 2.36 warns and then fails an assertion of its own in check_match

#include "start.h"

extern int datum;
int f(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 1);
    check_eq(datum, 2);
    exit_group(0);
}
