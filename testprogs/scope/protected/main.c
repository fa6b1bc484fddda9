//@ about: a protected function or datum is its own library's for that library, and the first in the scope for others
//@ rule: STV_PROTECTED: References of the object itself bind to it; others find it as any definition.
//@ axes: cc=gcc,clang ld=bfd,lld,mold
//@ libc: none,musl
//@ build: liba.so = lib.c -DPREFIX=a_ -DVISIBILITY=__attribute__((visibility("protected")))
//@ build: libb.so = lib.c -DPREFIX=b_ -DVISIBILITY=__attribute__((visibility("protected")))
//@ build: prog = main.c -fPIC -l:liba.so -l:libb.so
//@ elf: prog lacks R_X86_64_COPY

#include "start.h"

extern int datum;
int function(void);
#define LIBRARY(p) int p##sees_datum(void); int p##sees_function(void);
LIBRARY(a_) LIBRARY(b_)

int main(int argc, char **argv, char **envp)
{
    check_eq(datum * 10 + function(), 11);
    check_eq(a_sees_datum() * 10 + a_sees_function(), 11);
    check_eq(b_sees_datum() * 10 + b_sees_function(), 22);
    exit_group(0);
}
