//@ about: a datum of a version that nobody defines, wanted by a library: both are named
//@ libc: none,musl
//@ build: libb.so = full.c -Wl,--version-script=b.map
//@ build: liba.so = user.c -l:libb.so
//@ build: prog = main.c -l:liba.so
//@ build: libb.so = empty.c -Wl,--version-script=b.map
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {dir}/liba.so: undefined symbol: datum, version B1
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
