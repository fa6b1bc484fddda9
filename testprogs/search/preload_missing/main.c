//@ about: an object of LD_PRELOAD that is not there costs a warning, not the start
//@ rule: LD_PRELOAD: An object that cannot be had costs a warning.
//@ libc: none,musl
//@ build: libp.so = lib.c -DVALUE=1
//@ build: prog = main.c -l:libp.so
//@ env: LD_PRELOAD=libmissing.so:libp.so
//@ stderr: ERROR: ld.so: object 'libmissing.so' from LD_PRELOAD cannot be preloaded (cannot open shared object file): ignored.
//@ musl oracle: differs: musl passes it over without a word

#include "start.h"

int which(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(which(), 1);
    exit_group(0);
}
