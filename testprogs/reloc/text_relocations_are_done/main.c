//@ about: Relocations of code are done, of the program, a library and an opened library, also by what IFUNCs answer; none is writable afterwards.
//@ rule: DT_TEXTREL DF_TEXTREL: Code is changed where relocations are in it; with LD_RS_STRICT such an object is refused.
//@ libc: glibc,musl
//@ build: liba.so = code.S -DNAME=of_library -DNUMBER=2 -DLENGTH=length_by_library -Wl,-z,notext
//@ build: libb.so = code.S -DNAME=of_opened -DNUMBER=3 -DLENGTH=length_by_opened -Wl,-z,notext
//@ build: prog = main.c code.S -DNAME=of_program -DNUMBER=1 -l:liba.so -Wl,-z,notext
//@ elf: prog has TEXTREL R_X86_64_RELATIVE
//@ elf: liba.so has TEXTREL R_X86_64_64
//@ elf: libb.so has TEXTREL R_X86_64_64
//@ stdout: 1 2 3
//@ stdout: lengths 5 6
//@ stdout: rights r-xp r-xp r-xp
//@ musl oracle: differs: musl leaves the code writable

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int of_program(void), of_library(void);
size_t length_by_library(const char *);

static const char *rights(const void *address)
{
    static char all[3][8];
    static int next;
    char *now = all[next++], line[512];
    unsigned long start, end;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        if (strstr(line, "wx"))
            printf("%s", line);
        if (sscanf(line, "%lx-%lx %7s", &start, &end, now) == 3 && start <= (unsigned long)address && (unsigned long)address < end)
            break;
    }
    fclose(maps);
    return now;
}

int main(void)
{
    void *b = dlopen("libb.so", RTLD_NOW);
    int (*of_opened)(void) = (int (*)(void))dlsym(b, "of_opened");
    size_t (*length_by_opened)(const char *) = (size_t(*)(const char *))dlsym(b, "length_by_opened");
    printf("%d %d %d\n", of_program(), of_library(), of_opened());
    printf("lengths %zu %zu\n", length_by_library("three"), length_by_opened("opened"));
    const char *program = rights((void *)of_program), *library = rights((void *)of_library);
    printf("rights %s %s %s\n", program, library, rights((void *)of_opened));
}
