//@ about: LD_RS_NOSEAL leaves mappings as a program that patches itself needs them.
//@ libc: glibc
//@ build: prog = main.c
//@ env: LD_RS_NOSEAL=1
//@ stdout: patched

#include <stdio.h>
#include <sys/mman.h>

__attribute__((noinline, noclone, aligned(16))) static const char *text(void) { return "as compiled"; }

int main(void)
{
    const char *(*volatile function)(void) = text;
    unsigned char *code = (unsigned char *)function;
    void *page = (void *)((unsigned long)code & -4096);
    if (mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC)) // this code may lie there too
        return 1;
    // mov $other, %rax; ret
    static const char other[] = "patched";
    code[0] = 0x48, code[1] = 0xb8;
    *(const char **)(code + 2) = other;
    code[10] = 0xc3;
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    puts(function());
}
