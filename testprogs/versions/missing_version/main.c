//@ about: a version the library does not have is an error of the start: exit 1, before any code runs
//@ build: libv.so = lib.c -Wl,--version-script=two.map
//@ build: prog = main.c -l:libv.so
//@ build: libv.so = lib.c -Wl,--version-script=one.map
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 1
//@ stderr: {prog}: {dir}/libv.so: version `V2' not found (required by {prog})

#include "start.h"

int f(void);

int main(int argc, char **argv, char **envp)
{
    exit_group(f());
}
