//@ about: with LD_DYNAMIC_WEAK even the weak definition of an object with DT_SYMBOLIC is passed over for another object's, if that is not weak
//@ libc: none,musl
//@ build: libt.so = lib.c -Wl,-soname,libt.so
//@ build: prog = main.c -fPIC -l:libt.so -Wl,-E
//@ sh: sh $SRC/../../parts/retag.sh libt.so 14 16 0
//@ elf: libt.so has (SYMBOLIC) R_X86_64_JUMP_SLO R_X86_64_GLOB_DAT
//@ env: LD_DYNAMIC_WEAK=0
//@ musl oracle: differs: musl has no such variable

#include "start.h"

int strong(void) { return 1; }
__attribute__((weak)) int weak(void) { return 1; }
int own(void) { return 1; }
int datum = 1;
int sees(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(sees(), 1221);
    exit_group(0);
}
