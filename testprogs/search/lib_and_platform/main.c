// What $LIB is depends on how a distribution configured its loader, and older glibc says haswell for $PLATFORM where the
// processor is one: each spelling has its copy.
//@ about: $LIB and $PLATFORM are expanded in a search path
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: prog = main.c -l:liba.so -l:libb.so -Wl,-rpath,$ORIGIN/l/$LIB/x:$ORIGIN/p/${PLATFORM}y
//@ sh: for d in lib lib64 lib/x86_64-linux-gnu; do mkdir -p l/$d/x; cp liba.so l/$d/x; done; rm liba.so
//@ sh: for d in x86_64 haswell xeon_phi; do mkdir -p p/${d}y; cp libb.so p/${d}y; done; rm libb.so
//@ musl oracle: differs: musl knows only $ORIGIN

#include "start.h"

int a(void);
int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    check_eq(b(), 2);
    exit_group(0);
}
