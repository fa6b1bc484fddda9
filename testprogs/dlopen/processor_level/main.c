//@ about: a library that asks for a level of the CPU that there is none of is refused; one that asks for the lowest, for others by a property nobody knows, or for CET, is opened
//@ rule: GNU_PROPERTY_X86_ISA_1_NEEDED: An object that asks for a level which the CPU does not have is refused, at start and in dlopen.
//@ rule: GNU_PROPERTY_X86_ISA_1_BASELINE GNU_PROPERTY_X86_ISA_1_V2 GNU_PROPERTY_X86_ISA_1_V3 GNU_PROPERTY_X86_ISA_1_V4: The levels that may be asked for. A bit above them is a level of no CPU.
//@ rule: GNU_PROPERTY_X86_ISA_1_USED GNU_PROPERTY_X86_FEATURE_1_AND GNU_PROPERTY_X86_FEATURE_1_IBT GNU_PROPERTY_X86_FEATURE_1_SHSTK: Ignored: CET is switched on for nobody, as by glibc without --enable-cet.
//@ rule: NT_GNU_PROPERTY_TYPE_0 PT_GNU_PROPERTY: Read where a segment holds it.
//@ libc: glibc
//@ build: liba.so = lib.c -Wl,-z,x86-64-v4
//@ build: libb.so = lib.c -Wl,-z,x86-64-v2
//@ build: libn.so = lib.c -Wl,--no-as-needed -l:liba.so
//@ build: prog = main.c
//@ sh: perl $SRC/need.pl liba.so 0x10; for lib in c3 d; do cp libb.so lib$lib.so; done; perl $SRC/need.pl libb.so 1
//@ sh: perl $SRC/need.pl libc3.so 0x10 0xc0017fff; perl $SRC/need.pl libd.so 3 0xc0000002

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("./liba.so", RTLD_NOW));
    check_text(dlerror(), "./liba.so: CPU ISA level is lower than required");
    check(!dlopen("./libn.so", RTLD_LAZY));
    check(ends_with(dlerror(), "/./liba.so: CPU ISA level is lower than required"));
    check_gone("/libn.so");
    opened("./libb.so", RTLD_NOW);
    opened("./libc3.so", RTLD_NOW);
    opened("./libd.so", RTLD_NOW);
}
