//@ about: A program and a library whose TLS is only .tbss (filesz 0).
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ build: liba.so = library.c
//@ build: prog = main.c -l:liba.so
//@ sh: for file in liba.so prog; do set -- $(readelf -Wl $file | grep ' TLS '); test $(($5)) = 0 && test $(($6)) != 0; done
//@ elf: liba.so lacks .tdata
//@ elf: prog lacks .tdata
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way a_counter;

static __thread int own;
static int *own_counter(void) { return &own; }

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const library[] = {a_counter, NULL};
    way *const program[] = {own_counter, NULL};
    check(a_counter() != own_counter());
    check_per_thread(library, 0);
    check_per_thread(program, 0);
    print("ok\n");
    return 0;
}
