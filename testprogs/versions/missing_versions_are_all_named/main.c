//@ about: every missing version is named, of every object, not only the first
//@ build: libv.so = lib.c -Wl,--version-script=three.map
//@ build: liba.so = user.c -l:libv.so
//@ build: prog = main.c -l:libv.so -l:liba.so
//@ build: libv.so = lib.c -Wl,--version-script=one.map
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 1
//@ stderr: {prog}: {dir}/libv.so: version `V2' not found (required by {prog})
//@ stderr: {prog}: {dir}/libv.so: version `V3' not found (required by {dir}/liba.so)

#include "start.h"

int f(void);
int a(void);

int main(int argc, char **argv, char **envp)
{
    exit_group(f() + a());
}
