//@ about: what is no ELF file in an earlier folder is passed over: a script, an empty file, a folder, a FIFO
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ sh: mkdir script empty fifo; echo 'INPUT(-lsomething)' > script/liba.so; : > empty/liba.so
//@ sh: mkdir -p folder/liba.so; mkfifo fifo/liba.so
//@ env: LD_LIBRARY_PATH={dir}/script:{dir}/empty:{dir}/folder:{dir}/fifo
//@ oracle: differs: glibc stops at the first such file: invalid ELF header

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    exit_group(0);
}
