//@ about: an object with DF_1_NODEFLIB gets nothing from the default folders, neither directly nor through the cache
//@ rule: DF_1_NODEFLIB: What the object needs is not searched for in the default directories, neither directly nor through ld.so.cache.
//@ build: liba.so = lib.c -l:libz.so.1 -Wl,--no-as-needed -Wl,-z,nodefaultlib
//@ build: prog = main.c -l:liba.so
//@ elf: liba.so has NODEFLIB [libz.so.1]
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: libz.so.1: cannot open shared object file: No such file or directory

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    exit_group(a());
}
