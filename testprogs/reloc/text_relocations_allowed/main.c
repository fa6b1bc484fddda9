//@ about: LD_RS_ALLOW=textrel relocates code, of the program, a library and an opened library; none is writable afterwards.
//@ libc: glibc
//@ build: liba.so = code.S -DNAME=of_library -DNUMBER=2 -Wl,-z,notext
//@ build: libb.so = code.S -DNAME=of_opened -DNUMBER=3 -Wl,-z,notext
//@ build: prog = main.c code.S -DNAME=of_program -DNUMBER=1 -l:liba.so -Wl,-z,notext
//@ elf: prog has TEXTREL R_X86_64_RELATIVE
//@ elf: liba.so has TEXTREL
//@ elf: libb.so has TEXTREL
//@ env: LD_RS_ALLOW=nothing,textrel
//@ stdout: 1 2 3

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int of_program(void), of_library(void);

int main(void)
{
    void *b = dlopen("libb.so", RTLD_NOW);
    int (*of_opened)(void) = (int (*)(void))dlsym(b, "of_opened");
    printf("%d %d %d\n", of_program(), of_library(), of_opened());
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        if (strstr(line, "wx"))
            printf("%s", line);
    fclose(maps);
}
