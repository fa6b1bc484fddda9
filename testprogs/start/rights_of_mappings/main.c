//@ about: no page of the process is writable and executable, and no page of a library is left without rights
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so

#include "start.h"

int a(void);

static char maps[1 << 16];

int main(int argc, char **argv, char **envp)
{
    long fd = syscall3(__NR_open, "/proc/self/maps", 0, 0);
    check(fd >= 0);
    long size = 0, n;
    while ((n = syscall3(__NR_read, fd, maps + size, sizeof maps - 1 - size)) > 0)
        size += n;
    int library = 0;
    for (char *line = maps; *line;) {
        char *end = line;
        while (*end != '\n')
            end++;
        *end = 0;
        char *flags = line;
        while (*flags++ != ' ')
            ;
        check(!(flags[1] == 'w' && flags[2] == 'x'));
        if (end - line > 8 && same(end - 8, "/liba.so")) {
            library++;
            check(flags[0] == 'r');
        }
        line = end + 1;
    }
    check(library >= 3);
    exit_group(a());
}
