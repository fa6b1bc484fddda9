//@ about: With LD_RS_STRICT a library with a segment that is both writable and executable is refused
//@ build: liba.so = code.S -Wl,-z,noseparate-code
//@ build: prog = main.c -l:liba.so
//@ elf: liba.so has RWE
//@ env: LD_LIBRARY_PATH={dir}
//@ env: LD_RS_STRICT=1
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: liba.so: segment is both writable and executable
//@ oracle: differs: glibc maps it as it is

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    exit_group(0);
}
