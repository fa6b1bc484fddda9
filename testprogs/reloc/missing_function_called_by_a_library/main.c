//@ about: the sentence names the library that called, and the version it wanted
//@ build: liba.so = full.c -Wl,--version-script=a.map
//@ build: libu.so = user.c -Wl,-z,lazy -l:liba.so
//@ build: prog = main.c -l:libu.so
//@ build: liba.so = empty.c -Wl,--version-script=a.map
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {dir}/libu.so: undefined symbol: missing, version A1

#include "start.h"

int user(void);

int main(int argc, char **argv, char **envp)
{
    exit_group(user());
}
