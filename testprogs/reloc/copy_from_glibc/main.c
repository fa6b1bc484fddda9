//@ about: COPY of libc's own data, beside IFUNCs of libc called and compared: the libc and the program agree
//@ libc: glibc,musl
//@ axes: pie=nopie,pie
//@ build: liba.so = lib.c
//@ build: prog = main.c -fno-builtin -l:liba.so
//@ elf: prog has R_X86_64_COPY
//@ env: GREETING=hello
//@ stdout: hello 5 1 1 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;
FILE *library_stdout(void);
size_t (*library_strlen(void))(const char *);
void *(*library_memcpy(void))(void *, const void *, size_t);

int main(void)
{
    char buffer[16];
    static char *replaced[] = {"GREETING=hello", 0};
    memcpy(buffer, "hello", 6);
    environ = replaced;
    fprintf(stdout, "%s %zu %d %d %d\n", getenv("GREETING"), strlen(buffer), stdout == library_stdout(),
        strlen == library_strlen(), memcpy == library_memcpy());
    return 0;
}
