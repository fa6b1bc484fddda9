//@ about: a program that the kernel runs is not asked for more than its kernel asked: PT_LOADs out of order, p_align that is no power of two or larger than the places agree on, PT_GNU_EH_FRAME nowhere, odd identification
//@ rule: PT_LOAD: Of a program that the kernel mapped, and of any other object, in whatever order they stand. glibc wants ascending ones of what it maps itself.
//@ rule: p_align: Address and offset of a PT_LOAD agree within a page. A power of two above is kept where ld-rs chooses the place; what is none says nothing. At most 2^30.
//@ rule: EI_CLASS EI_DATA EI_VERSION EI_OSABI EI_ABIVERSION EI_PAD: Not looked at in a program that the kernel runs. In other files as glibc has it.
//@ rule: PT_GNU_EH_FRAME: What it names is told to unwinders if it lies in a segment.
//@ build: liba.so = lib.c
//@ build: prog = main.c -fPIC -l:liba.so -Wl,-z,noseparate-code
//@ sh: sh $SRC/../../parts/phdr.sh prog 1 p_align 0x1800; sh $SRC/../../parts/phdr.sh prog 1,1 p_align 3
//@ sh: sh $SRC/../../parts/phdr.sh prog 0x6474e550 p_vaddr 0x60000000 p_offset 0x60000000
//@ sh: sh $SRC/swap.sh prog
//@ sh: printf '\3\2\7\11\11\1\1\1\1\1\1\1' | dd of=prog bs=1 seek=4 conv=notrunc status=none
//@ start: interp
//@ stdout: ran
//@ oracle: no: started directly it judges what it maps itself

#include "start.h"

int value(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(value(), 5);
    print("ran\n");
    exit_group(0);
}
