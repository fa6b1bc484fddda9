//@ about: What the loader asks of libc it asks libc.so.6 itself: functions of these names in a preloaded library are the program's.
//@ axes: cc=gcc opt=-O0 pie=pie,nopie
//@ libc: glibc,musl
//@ build: libnames.so = names.c
//@ build: prog = main.c
//@ env: LD_PRELOAD={dir}/libnames.so
//@ stdout: ok

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    // malloc and fork need what libc's own functions made ready.
    char *memory = strdup("ok\n");
    int status;
    pid_t child = fork();
    if (!child)
        _exit(0);
    if (memory && waitpid(child, &status, 0) == child && status == 0)
        write(1, memory, 3);
}
