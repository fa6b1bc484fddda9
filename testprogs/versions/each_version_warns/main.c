//@ about: a library that lost its versions is warned about for each version that is needed of it, by each object
//@ build: libv.so = lib.c -DVALUE=1 -Wl,--version-script=v.map
//@ build: liba.so = a.c -l:libv.so
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so -l:libv.so
//@ build: libv.so = lib.c -DVALUE=2
//@ build: libpre.so = lib.c -DVALUE=3
//@ env: LD_LIBRARY_PATH={dir}
//@ env: LD_PRELOAD={dir}/libpre.so
//@ stderr: {prog}: {dir}/libv.so: no version information available (required by {prog})
//@ stderr: {prog}: {dir}/libv.so: no version information available (required by {prog})
//@ stderr: {prog}: {dir}/libv.so: no version information available (required by {dir}/liba.so)

#include "start.h"

int f(void), g(void), a(void);

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    // Where a versioned reference looks into the library itself, glibc ends by an assertion.
    check_eq(f(), 3);
    check_eq(g(), 4);
    check_eq(a(), 13);
    return 0;
}
