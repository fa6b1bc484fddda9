// Runs a program on a CPU that says it is another one. usage: cpuid OVERRIDES PROGRAM ARGUMENTS
//
// CPUID is made to fault (arch_prctl(2), ARCH_CPUID; exec undoes it, so that it is done after that), and each fault is
// answered with what the CPU says, altered. OVERRIDES: LEAF,SUBLEAF,REGISTER,KEEP,ADD;... in hexadecimal, registers from 0
// (eax) to 3 (edx), sub-leaf ff for any. Exits with 75 where CPUID cannot be made to fault.
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARCH_SET_CPUID = 0x1012, SYSCALL = 0x050f, CPUID = 0xa20f };

int main(int argc, char **argv)
{
    struct { unsigned leaf, subleaf, place, keep, add; } given[64];
    int count = 0, status;
    for (char *text = strtok(argv[1], ";"); text && count < 64; text = strtok(NULL, ";"), count++)
        if (sscanf(text, "%x,%x,%x,%x,%x", &given[count].leaf, &given[count].subleaf, &given[count].place,
                   &given[count].keep, &given[count].add) != 5 || given[count].place > 3)
            return 2;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execv(argv[2], argv + 2);
        _exit(127);
    }
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL);
    struct user_regs_struct before, now;
    ptrace(PTRACE_GETREGS, child, 0, &before);
    long text = ptrace(PTRACE_PEEKTEXT, child, before.rip, 0);
    ptrace(PTRACE_POKETEXT, child, before.rip, (text & ~0xffffL) | SYSCALL);
    now = before;
    now.rax = SYS_arch_prctl, now.rdi = ARCH_SET_CPUID, now.rsi = 0, now.orig_rax = -1;
    ptrace(PTRACE_SETREGS, child, 0, &now);
    ptrace(PTRACE_SINGLESTEP, child, 0, 0);
    waitpid(child, &status, 0);
    ptrace(PTRACE_GETREGS, child, 0, &now);
    if (now.rax != 0)
        return 75;
    ptrace(PTRACE_POKETEXT, child, before.rip, text);
    ptrace(PTRACE_SETREGS, child, 0, &before);
    int deliver = 0;
    while (ptrace(PTRACE_CONT, child, 0, deliver) == 0 && waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
        deliver = WSTOPSIG(status);
        ptrace(PTRACE_GETREGS, child, 0, &now);
        if (deliver != SIGSEGV || (ptrace(PTRACE_PEEKTEXT, child, now.rip, 0) & 0xffff) != CPUID)
            continue;
        unsigned leaf = now.rax, subleaf = now.rcx, says[4];
        __cpuid_count(leaf, subleaf, says[0], says[1], says[2], says[3]);
        for (int i = 0; i < count; i++)
            if (given[i].leaf == leaf && (given[i].subleaf == 0xff || given[i].subleaf == subleaf))
                says[given[i].place] = (says[given[i].place] & given[i].keep) | given[i].add;
        now.rax = says[0], now.rbx = says[1], now.rcx = says[2], now.rdx = says[3], now.rip += 2;
        ptrace(PTRACE_SETREGS, child, 0, &now);
        deliver = 0;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
