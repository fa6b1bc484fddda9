//@ about: In an opened object nothing is writable and executable, and RELRO is read-only after relocation.
//@ libc: glibc,musl
//@ build: liba.so = lib.c -Wl,-z,relro,-z,now
//@ build: prog = main.c
//@ elf: liba.so has GNU_RELRO
//@ stdout: ok

#include "../parts/dl.h"

static char *protection(const void *address)
{
    static char rights[8];
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4400];
    unsigned long start, end;
    strcpy(rights, "none");
    while (fgets(line, sizeof line, maps)) {
        char now[8];
        check_eq(sscanf(line, "%lx-%lx %7s", &start, &end, now), 3);
        check(!(now[1] == 'w' && now[2] == 'x'));
        if (start <= (unsigned long)address && (unsigned long)address < end)
            strcpy(rights, now);
    }
    fclose(maps);
    return rights;
}

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    check_text(protection(found(a, "table")), "r--p");
    check_text(protection(found(a, "function")), "r-xp");
    check_text(protection(found(a, "data")), "rw-p");
    say("ok\n");
}
