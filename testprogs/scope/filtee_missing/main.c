//@ about: without its filtee a filter cannot be used: the program does not start
//@ libc: none,musl
//@ build: libf.so = lib.c -Wl,-soname,libf.so -Wl,--filter=libnowhere.so
//@ build: prog = main.c -fPIC -l:libf.so
//@ elf: libf.so has (FILTER)
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: libnowhere.so: cannot open shared object file: No such file or directory
//@ musl oracle: differs: musl knows no filters

#include "start.h"

int value(void);

int main(int argc, char **argv, char **envp)
{
    exit_group(value());
}
