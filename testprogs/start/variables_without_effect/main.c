//@ about: variables that older loaders of glibc knew, or that ask for what is of no use here, leave a program as it is
//@ rule: LD_HWCAP_MASK: No effect: it takes platform subdirectories out of the search of glibc up to 2.36.
//@ rule: LD_PREFER_MAP_32BIT_EXEC: No effect. Up to 2.36 glibc maps code below 2 GiB, where the processor predicts it better.
//@ rule: LD_ASSUME_KERNEL: No effect, as with glibc from 2.37 on; before, objects made for a newer kernel are passed over.
//@ rule: LD_USE_LOAD_BIAS LD_TRACE_PRELINKING: No effect: they are of prelink, which glibc left with 2.35.
//@ rule: LD_POINTER_GUARD: No effect, as with glibc from 2.23 on: pointers are always guarded.
//@ rule: GLIBC_TUNABLES: No effect have glibc.rtld.nns (there are no other namespaces), glibc.rtld.dynamic_sort (the order is that of 2), glibc.rtld.enable_secure, glibc.rtld.execstack=0, glibc.elision (no processor with sound microcode has transactions), glibc.cpu.x86_ibt, x86_shstk and plt_rewrite (neither shadow stacks nor rewritten PLTs are made), glibc.cpu.hwcap_mask.
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ env: LD_HWCAP_MASK=0
//@ env: LD_PREFER_MAP_32BIT_EXEC=1
//@ env: LD_ASSUME_KERNEL=4.19
//@ env: LD_USE_LOAD_BIAS=0
//@ env: LD_TRACE_PRELINKING=
//@ env: LD_POINTER_GUARD=0
//@ env: LD_NOSUCH=1
//@ env: GLIBC_TUNABLES=glibc.rtld.nns=1:glibc.rtld.dynamic_sort=1:glibc.elision.enable=1:glibc.cpu.x86_shstk=on:glibc.cpu.hwcap_mask=0:glibc.cpu.plt_rewrite=2:nothing
//@ env: LD_=1

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    int variables = 0;
    for (; *envp; envp++)
        variables += (*envp)[0] == 'L' && (*envp)[1] == 'D' && (*envp)[2] == '_';
    check_eq(variables, 8);
    exit_group(0);
}
