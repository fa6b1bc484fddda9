// What relocation writes nearly all of is laid anew where a huge page fits: memory without a file's name.
//@ about: megabytes of relative relocations do not cost a page fault and a copy for every page of the file
//@ libc: glibc
//@ build: liba.so = ../relative_relocations_in_huge_pages/table.c -DCONSTANTS=constants -DWRONG=wrong
//@ build: prog = main.c -l:liba.so
//@ stdout: a huge page's room of it has no name
//@ oracle: differs: every page of it is a copy of the file's

#include <stdio.h>
#include <string.h>

long *constants(void);

int main(void)
{
    unsigned long first = (unsigned long)constants(), last = first + (6 << 20);
    char line[500];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        sscanf(line, "%lx-%lx", &from, &to);
        if (from >= first && from < last && from % (2 << 20) == 0 && to - from >= 2 << 20 && !strchr(line, '/')) {
            puts("a huge page's room of it has no name");
            return 0;
        }
    }
    puts("all of it is the file's");
}
