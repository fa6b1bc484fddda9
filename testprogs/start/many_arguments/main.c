// Odd and even numbers of words to take out give both alignments to repair.
//@ about: with an option for the loader removed, and 37 arguments, nothing is lost and the stack pointer is a multiple of 16
//@ build: prog = main.c
//@ loader: --argv0 x --library-path {dir} --inhibit-cache
//@ run: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    check_eq((unsigned long)start_stack % 16, 0);
    check_eq(argc, 38);
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        long n = a[0] - '0';
        if (a[1])
            n = n * 10 + a[1] - '0';
        check_eq(n, i);
    }
    exit_group(0);
}
