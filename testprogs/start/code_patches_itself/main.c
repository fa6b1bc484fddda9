//@ about: Nothing is sealed unless something asks for it: a program changes its own code, and lays memory without a file under it.
//@ axes: cc=gcc,clang pie=pie,nopie
//@ libc: glibc,musl
//@ build: prog = main.c
//@ stdout: patched
//@ stdout: patched in other memory

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

__attribute__((noinline, noclone, aligned(16))) static const char *text(void) { return "as compiled"; }

static void patch(unsigned char *code, const char *answer)
{
    // mov $answer, %rax; ret
    code[0] = 0x48, code[1] = 0xb8;
    memcpy(code + 2, &answer, sizeof answer);
    code[10] = 0xc3;
}

int main(void)
{
    const char *(*volatile function)(void) = text;
    unsigned char *code = (unsigned char *)function;
    char *page = (char *)((unsigned long)code & -4096);
    if (mprotect(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC)) // this code may lie there too
        return 1;
    patch(code, "patched");
    mprotect(page, 8192, PROT_READ | PROT_EXEC);
    puts(function());
    // As programs move their code to huge pages: a copy takes the page's place.
    char *copy = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(copy, page, 4096);
    patch((unsigned char *)copy + ((char *)code - page), "patched in other memory");
    if (mprotect(copy, 4096, PROT_READ | PROT_EXEC) || mremap(copy, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, page) != page)
        return 2;
    puts(function());
    return 0;
}
