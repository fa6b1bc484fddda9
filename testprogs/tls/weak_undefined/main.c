//@ about: An undefined weak TLS variable is no error: null by a descriptor, offset 0 by initial-exec, and harmless by general-dynamic where nobody asks for it.
//@ axes: ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ build: libdesc.so = library.c -DWHO=desc -mtls-dialect=gnu2
//@ build: libie.so = library.c -DWHO=ie -ftls-model=initial-exec
//@ build: libgd.so = library.c -DWHO=gd
//@ build: prog = main.c -l:libdesc.so -l:libie.so -l:libgd.so
//@ elf: libdesc.so has R_X86_64_TLSDESC
//@ elf: libie.so has R_X86_64_TPOFF64
//@ elf: libgd.so has R_X86_64_DTPMOD64
//@ sh: for lib in desc ie gd; do readelf -Wr lib$lib.so | grep -w absent; done
//@ stdout: ok
//@ musl oracle: differs: musl reads the symbol that is not there

#include "start.h"
#include "threads.h"

int *desc_absent(void), *desc_present(void), *ie_absent(void), *ie_present(void), *gd_present(void);

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_eq(desc_absent(), 0);
    check_eq(ie_absent(), fs_word(0));
    check_eq(desc_present(), gd_present());
    check_eq(ie_present(), gd_present());
    check_eq(*gd_present(), 7);
    print("ok\n");
    return 0;
}
