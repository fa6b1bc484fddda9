//@ about: A filter kills who asks for the facts of a file by the call that the libc's own fstat does not make (newfstatat or fstat, by version): dlopen makes that of the libc
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ run: {dir}
//@ stdout: ok

#include "../parts/dl.h"

#include <gnu/libc-version.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int main(int argc, char **argv)
{
    (void)argc;
    int minor = atoi(strchr(gnu_get_libc_version(), '.') + 1);
    unsigned other = minor >= 33 && minor < 39 ? SYS_fstat : SYS_newfstatat;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    char path[4096];
    snprintf(path, sizeof path, "%s/liba.so", argv[1]);
    check_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    check_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){4, filter}, 0, 0), 0);
    struct stat stat;
    check_eq(fstat(1, &stat), 0); // the libc's own way
    // By its path: a search asks for directories by stat, which glibc from 2.33 on makes by newfstatat.
    closed(opened(path, RTLD_NOW));
    closed(opened(path, RTLD_NOW));
    say("ok\n");
}
