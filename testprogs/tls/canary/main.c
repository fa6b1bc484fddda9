//@ about: The stack protector's canary at %fs:0x28 and the pointer guard at %fs:0x30 are random: not 0, the canary with a zero low byte, and new in every run.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ build: prog = main.c
//@ elf: prog has INTERP
//@ stdout: ok

// The program starts itself again, twice, in the way it was started itself. It needs nothing, so
// that the oracle's preloaded object is not missed the second time.
#include "start.h"

static void to_hex(uintptr_t word, char *text)
{
    for (int i = 0; i < 16; i++)
        text[i] = "0123456789abcdef"[word >> (60 - 4 * i) & 15];
    text[16] = 0;
}

int main(int argc, char **argv, char **envp)
{
    char canary[17], guard[17], count[2] = "1", exe[256] = "";
    uintptr_t word = fs_word(0x28);
    check(word != 0);
    check_eq(word & 0xff, 0);
    check(fs_word(0x30) != 0);
    check(fs_word(0x30) != word);
    to_hex(word, canary);
    to_hex(fs_word(0x30), guard);
    if (argc == 4) {
        check(!same(argv[1], canary));
        check(!same(argv[2], guard));
        count[0] = (char)(argv[3][0] + 1);
    }
    if (count[0] == '3') {
        print("ok\n");
        exit_group(0); // glibc's loader cannot end a program that it alone shares a process with
    }
    // /proc/self/exe is the program when the kernel found the loader, else the loader.
    check(syscall3(__NR_readlink, "/proc/self/exe", exe, sizeof exe - 1) > 0);
    const char *end = exe + length(exe) - length("/prog");
    char *direct[] = {exe, argv[0], canary, guard, count, NULL};
    char **args = end >= exe && same(end, "/prog") ? direct + 1 : direct;
    check_eq(syscall3(__NR_execve, "/proc/self/exe", args, envp), 0);
    return 1;
}
