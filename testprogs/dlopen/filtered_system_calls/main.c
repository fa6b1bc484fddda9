//@ about: A program whose seccomp filter knows the system calls of glibc's loader alone (openat, not open) can open libraries.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

int main(void)
{
    // What openat and newfstatat replaced; refused as a sandbox does it.
    static const unsigned char refused[] = {SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_creat};
    struct sock_filter filter[3 * COUNT(refused) + 3];
    int n = 0;
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < COUNT(refused); i++) {
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], 0, 1);
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    check_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    check_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){n, filter}, 0, 0), 0);
    check_eq(syscall(SYS_open, "/dev/null", O_RDONLY), -1);
    check_eq(errno, EACCES);
    closed(opened("liba.so", RTLD_NOW));
    void *m = opened("libm.so.6", RTLD_NOW);
    check(found(m, "cos") != NULL);
    say("ok\n");
}
