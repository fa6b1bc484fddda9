//@ about: a library that has no version information at all is accepted with a warning
//@ build: libv.so = lib.c -DVALUE=1 -Wl,--version-script=v.map
//@ build: prog = main.c -l:libv.so
//@ build: libv.so = lib.c -DVALUE=2
//@ env: LD_LIBRARY_PATH={dir}
//@ stderr: {prog}: {dir}/libv.so: no version information available (required by {prog})
//@ oracle: differs: glibc 2.36 warns and then fails an assertion of its own in check_match

#include "start.h"

int f(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 2);
    exit_group(0);
}
