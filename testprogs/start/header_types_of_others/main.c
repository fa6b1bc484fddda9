//@ about: program headers of types that the loader has no use for are passed over, in the program, a library and an opened one, wherever they say that something lies
//@ rule: PT_SHLIB PT_LOOS PT_SUNWBSS PT_SUNWSTACK PT_HIOS PT_LOPROC PT_HIPROC: Ignored, as all types that are not in this list.
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = lib.c -Wl,--build-id
//@ build: libb.so = lib.c -Wl,--build-id
//@ build: prog = main.c -Wl,--build-id -Wl,--no-as-needed -l:liba.so
//@ sh: for file in prog liba.so libb.so; do sh $SRC/../../parts/phdr.sh $file 4 p_type 0x5 p_offset 0xfffffffffffffff0 p_vaddr 7 p_filesz 0xffffffffffff p_memsz 3 p_align 5; done
//@ sh: for file in liba.so libb.so; do n=0x6ffffffa; for of in 0x6474e550 0x6474e551; do sh $SRC/../../parts/phdr.sh $file $of p_type $n p_vaddr 0xffffffffffffffff p_memsz 0xffffffff; n=0x70000000; done; done
//@ elf: prog has SHLIB
//@ elf: libb.so has SHLIB
//@ stdout: ok

#include "../../dlopen/parts/dl.h"

int a(void);

int main(void)
{
    check_eq(a(), 1);
    void *b = opened("libb.so", RTLD_NOW);
    check_eq(((int (*)(void))found(b, "a"))(), 1);
    say("ok\n");
}
