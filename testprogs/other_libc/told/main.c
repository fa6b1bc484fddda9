//@ about: LD_DEBUG=files tells which object was built for musl, and by which name it needs musl's libc
//@ libc: glibc
//@ oracle: no: the system's loader does not know such libraries
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -l:libmusl.so -Wl,--allow-shlib-undefined
//@ env: LD_DEBUG=files
//@ env: LD_DEBUG_OUTPUT=told
//@ stdout: built for musl: libc.so means the program's libc

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int run(void);

int main(void)
{
    char path[64], line[512], *found;
    snprintf(path, sizeof path, "told.%d", (int)getpid());
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if ((found = strstr(line, "built for musl")))
            fputs(found, stdout);
    unlink(path);
    return run();
}
