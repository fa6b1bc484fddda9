// No linker leaves the type in a shared object: it is set afterwards.
//@ about: definitions of type STT_COMMON are found as those of STT_OBJECT: by references of the program and of libraries, for a copy, and by dlsym
//@ rule: STT_COMMON: A definition as one of STT_OBJECT.
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: libc1.so = lib.c
//@ build: libu.so = user.c -l:libc1.so
//@ build: prog = main.c -l:libu.so -l:libc1.so
//@ sh: for name in shared copied; do sh $SRC/../../parts/symtype.sh libc1.so $name 5; done
//@ sh: readelf -W --dyn-syms libc1.so | grep -c ' COMMON .* \(shared\|copied\)$' > types; grep -qx 2 types
//@ elf: prog has R_X86_64_COPY
//@ elf: libu.so has R_X86_64_GLOB_DAT
//@ stdout: ok

#include "../../dlopen/parts/dl.h"

extern long shared, copied;
long sum(void);

int main(void)
{
    check_eq(copied + shared, 165);
    copied = 100;
    check_eq(sum(), 177);
    check_eq(found(RTLD_DEFAULT, "copied"), &copied);
    check_eq(*(long *)found(opened("libc1.so", RTLD_NOW), "shared"), 77);
    say("ok\n");
}
