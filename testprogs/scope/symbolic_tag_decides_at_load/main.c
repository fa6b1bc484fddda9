// A linker that sees -Bsymbolic binds by itself and leaves nothing to decide. Here it was not told: the tag comes later,
// in the place of another one, and the symbolic relocations are still there.
//@ about: DT_SYMBOLIC and DF_SYMBOLIC each make the loader look into the object itself first
//@ rule: DT_SYMBOLIC DF_SYMBOLIC: The object is searched before the global scope for its own references.
//@ libc: none,musl
//@ build: libn.so = lib.c -DPREFIX=n_
//@ build: libt.so = lib.c -DPREFIX=t_ -Wl,-soname,libt.so
//@ build: libf.so = lib.c -DPREFIX=f_ -Wl,-soname,libf.so
//@ build: prog = main.c -fPIC -l:libn.so -l:libt.so -l:libf.so -Wl,-E
//@ sh: sh $SRC/../../parts/retag.sh libt.so 14 16 0; sh $SRC/../../parts/retag.sh libf.so 14 30 2
//@ elf: libt.so has (SYMBOLIC) R_X86_64_JUMP_SLO R_X86_64_GLOB_DAT R_X86_64_64
//@ elf: libf.so has (FLAGS) SYMBOLIC R_X86_64_JUMP_SLO R_X86_64_GLOB_DAT R_X86_64_64
//@ elf: libn.so lacks SYMBOLIC
//@ musl oracle: differs: musl knows no DT_SYMBOLIC

#include "start.h"

int datum = 1;
int function(void) { return 1; }

#define LIBRARY(p) int p##sees_datum(void); int p##sees_function(void); int p##sees_pointer(void);
LIBRARY(n_) LIBRARY(t_) LIBRARY(f_)

int main(int argc, char **argv, char **envp)
{
    check_eq(n_sees_datum() * 100 + n_sees_function() * 10 + n_sees_pointer(), 111);
    check_eq(t_sees_datum() * 100 + t_sees_function() * 10 + t_sees_pointer(), 222);
    check_eq(f_sees_datum() * 100 + f_sees_function() * 10 + f_sees_pointer(), 222);
    exit_group(0);
}
