//@ about: A file that takes the program's name between execve and the loader's first instruction is not taken for the program.
//@ libc: glibc
//@ start: interp
//@ build: other = other.c
//@ build: prog = main.c
//@ stdout: the program
//@ stdout: status 0

#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc > 1) {
        puts("the program");
        return 0;
    }
    if (system("cp prog copy && cp other otherwise"))
        return 1;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execl("./copy", "./copy", "child", (char *)0);
        _exit(2);
    }
    int status;
    waitpid(child, &status, 0); // stopped by execve
    if (!WIFSTOPPED(status) || rename("otherwise", "copy"))
        return 3;
    ptrace(PTRACE_DETACH, child, 0, 0);
    waitpid(child, &status, 0);
    printf("status %d\n", status);
}
