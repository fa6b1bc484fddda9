// Whether memory may be written: a child of fork tries, and the kernel tells how it ended.
#ifndef WRITE_H
#define WRITE_H

#include "start.h"

// The signal that writing the word at `where` brings, or 0.
static int signal_of_write(volatile long *where)
{
    long pid = syscall1(__NR_fork, 0);
    if (pid == 0) {
        *where = *where;
        exit_group(0);
    }
    int status = 0;
    check(pid > 0);
    check_eq(syscall6(__NR_wait4, pid, (long)&status, 0, 0, 0, 0), pid);
    return status & 127;
}

#endif
