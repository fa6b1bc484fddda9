//@ about: With LD_RS_SEAL code with text relocations is sealed after start-up as all code is, where the kernel can (mseal). That of an opened library can be unmapped.
//@ libc: glibc
//@ build: liba.so = ../text_relocations_are_done/code.S -DNAME=of_library -DNUMBER=2 -Wl,-z,notext
//@ build: libb.so = ../text_relocations_are_done/code.S -DNAME=of_opened -DNUMBER=3 -Wl,-z,notext
//@ build: prog = main.c ../text_relocations_are_done/code.S -DNAME=of_program -DNUMBER=1 -l:liba.so -Wl,-z,notext
//@ elf: prog has TEXTREL
//@ elf: liba.so has TEXTREL
//@ elf: libb.so has TEXTREL
//@ env: LD_RS_SEAL=1
//@ stdout: as the kernel can
//@ stdout: closed
//@ oracle: differs: glibc 2.36 seals nothing

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int of_program(void), of_library(void);

static int refused(const void *place)
{
    void *page = (void *)((unsigned long)place & -4096);
    return mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) && errno == EPERM;
}

int main(void)
{
    // ENOSYS before Linux 6.10; a null range is nothing to seal.
    if (syscall(462, 0L, 0L, 0L) == 0 || errno != ENOSYS)
        if (!refused((void *)of_program) || !refused((void *)of_library))
            return 1;
    puts("as the kernel can");
    void *b = dlopen("libb.so", RTLD_NOW);
    int (*of_opened)(void) = (int (*)(void))dlsym(b, "of_opened");
    if (of_opened() != 3 || dlclose(b) || msync((void *)((unsigned long)of_opened & -4096), 4096, MS_ASYNC) == 0)
        return 2;
    puts("closed");
    return 0;
}
