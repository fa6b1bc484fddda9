//@ about: Of an object whose GNU property asks for it (ld -z memory-seal) code and RELRO are sealed where the kernel can (mseal): of the program, or of a library, and of no other.
//@ libc: glibc
//@ build: liba.so = a.c -DNAME=of_marked -Wl,-z,ibt
//@ build: libb.so = a.c -DNAME=of_other -Wl,-z,ibt
//@ build: prog = main.c -l:liba.so -l:libb.so -Wl,-z,ibt
//@ sh: printf '\4\0\0\0\20\0\0\0\5\0\0\0GNU\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0' >property
//@ sh: objcopy --update-section .note.gnu.property=property liba.so
//@ sh: objcopy --update-section .note.gnu.property=property prog
//@ elf: liba.so has GNU_PROPERTY
//@ elf: libb.so has GNU_PROPERTY
//@ stdout: as the kernel can
//@ oracle: differs: glibc 2.36 seals nothing

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

const void *of_marked(void), *of_other(void);
static int (*const relocated)(const char *) = puts;

/// To the rights that it has, which changes nothing but is refused where a page is sealed.
static int sealed(const void *place, int rights)
{
    return mprotect((void *)((unsigned long)place & -4096), 4096, rights) && errno == EPERM;
}

int main(void)
{
    int code = PROT_READ | PROT_EXEC;
    // ENOSYS before Linux 6.10; a null range is nothing to seal.
    if (syscall(462, 0L, 0L, 0L) == 0 || errno != ENOSYS) {
        if (!sealed((void *)of_marked, code) || !sealed(of_marked(), PROT_READ))
            return 1;
        if (!sealed((void *)main, code) || !sealed(&relocated, PROT_READ))
            return 2;
    }
    if (sealed((void *)of_other, code) || sealed(of_other(), PROT_READ) || sealed((void *)getenv, code))
        return 3;
    puts("as the kernel can");
    return 0;
}
