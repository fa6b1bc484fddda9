//@ about: With LD_RS_ALLOW=execstack an object that asks for executable stacks is opened; the stacks stay as they are.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,-z,execstack
//@ build: prog = main.c
//@ elf: liba.so has RWE
//@ env: LD_RS_ALLOW=execstack
//@ stdout: a begins
//@ stdout: rw-p
//@ stdout: a ends
//@ oracle: differs: glibc makes all stacks executable

#include "../parts/dl.h"

int main(void)
{
    opened("liba.so", RTLD_NOW);
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        if (strstr(line, "[stack]"))
            say("%.4s\n", strchr(line, ' ') + 1);
    fclose(maps);
}
