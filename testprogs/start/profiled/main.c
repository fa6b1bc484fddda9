//@ about: A program compiled with -pg counts its calls and writes gmon.out, sized by the tunables that libc asks its loader for.
//@ axes: cc=gcc opt=-O0 pie=pie,nopie
//@ libc: glibc
//@ build: prog = main.c -pg
//@ stdout: 5050
//@ stdout: 1 arc called 100 times

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) static int add(int sum, int i) { return sum + i; }

int main(void)
{
    unlink("gmon.out");
    // The child counts and writes; we read.
    if (fork() == 0) {
        int sum = 0;
        for (int i = 1; i <= 100; i++)
            sum = add(sum, i);
        printf("%d\n", sum);
        exit(0);
    }
    wait(NULL);
    static unsigned char bytes[1 << 20];
    FILE *file = fopen("gmon.out", "r");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    int arcs = 0;
    // After the header and the histogram: records {1, from, to, count} (<sys/gmon_out.h>).
    for (size_t at = 20; at + 21 <= size; at++) {
        unsigned long from, to;
        unsigned count;
        memcpy(&from, bytes + at + 1, 8), memcpy(&to, bytes + at + 9, 8), memcpy(&count, bytes + at + 17, 4);
        arcs += bytes[at] == 1 && from && to && count == 100;
    }
    printf("%d arc called %d times\n", arcs, 100);
}
