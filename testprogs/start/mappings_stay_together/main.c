//@ about: Whatever the kernel's random choice, in twenty starts every mapping but the program's own and its heap lies above 0x7e80_0000_0000, as ThreadSanitizer and MemorySanitizer demand of a process.
//@ axes: pie=pie,nopie
//@ libc: glibc,musl
//@ build: prog = main.c
//@ run: 20
//@ stdout: ok

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        unsigned long start = strtoul(line, NULL, 16);
        int low = start < 0x570000000000; // the program, its heap
        int high = start >= 0x7e8000000000;
        if (!low && !high) {
            printf("%s", line);
            return 1;
        }
    }
    fclose(maps);
    int left = argc > 1 ? atoi(argv[1]) : 0;
    if (left == 0) {
        puts("ok");
        return 0;
    }
    // A new image: the kernel chooses again. As it was started: by the loader, or by itself.
    char count[16], self[512], loader[512], *last = NULL;
    snprintf(count, sizeof count, "%d", left - 1);
    ssize_t size = readlink("/proc/self/exe", loader, sizeof loader - 1);
    loader[size > 0 ? size : 0] = 0;
    snprintf(self, sizeof self, "./%s", "prog");
    for (char *at = loader; *at; at++)
        if (*at == '/')
            last = at + 1;
    if (last && *last == 'p' && last[1] == 'r')
        execl(self, self, count, NULL);
    execl(loader, loader, self, count, NULL);
    return 2;
}
