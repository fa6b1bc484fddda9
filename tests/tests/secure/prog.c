// Says what a setuid program was given: secure mode, effective user, whose library, environment, arguments, descriptors.
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

const char *whose(void);
extern char **environ;

int main(int argc, char **argv)
{
    // The report goes to a descriptor of its own where 0 to 2 are closed.
    int open = 0;
    for (int fd = 0; fd < 3; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    dup2(9, 1);
    unsigned char *volatile text = malloc(100);
    if (!text)
        return 3;
    printf("secure %lu, user %d, library %s, %d descriptors open, memory filled with %02x, arguments", getauxval(AT_SECURE),
           geteuid(), whose(), open, text[50]);
    for (int i = 1; i < argc; i++)
        printf(" [%s]", argv[i]);
    printf(", environment");
    for (char **variable = environ; *variable; variable++)
        printf(" %.*s", (int)strcspn(*variable, "="), *variable);
    // environ, auxv and argv must still be one block.
    unsigned long *end = (unsigned long *)environ;
    while (*end++)
        continue;
    printf(", auxv %s\n", *end && *end < 60 ? "follows" : "lost");
    fflush(stdout);
    return 0;
}
