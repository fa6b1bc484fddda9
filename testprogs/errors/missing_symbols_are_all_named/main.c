//@ about: every symbol nobody defines is named, those of libraries first: they are relocated first
//@ libc: none,musl
//@ build: libb.so = full.c
//@ build: liba.so = user.c -l:libb.so
//@ build: prog = main.c -fPIC -l:liba.so -l:libb.so
//@ build: libb.so = empty.c
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {dir}/liba.so: undefined symbol: datum
//@ stderr: {prog}: symbol lookup error: {prog}: undefined symbol: second
//@ oracle: differs: glibc names the first alone
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

extern int second;

int main(int argc, char **argv, char **envp) { exit_group(second); }
