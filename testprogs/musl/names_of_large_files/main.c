//@ about: Names for large files of programs that are older than musl 1.2.4 (fopen64, lseek64, open64 ...) mean the plain functions
//@ axes: cc=gcc,clang pie=pie,nopie
//@ libc: musl
//@ build: libold.so = old.c -nostdlib
//@ build: prog = main.c -l:libold.so
//@ sh: patchelf --remove-needed libold.so prog && rm libold.so
//@ sh: readelf -W --dyn-syms prog | grep 'UND fopen64'
//@ stdout: ok

#include "../../dlopen/parts/dl.h"
#include <fcntl.h>
#include <sys/stat.h>

FILE *by_fopen(const char *, const char *) __asm__("fopen64");
off_t by_lseek(int, off_t, int) __asm__("lseek64");
int by_open(const char *, int, ...) __asm__("open64");
int by_stat(const char *, struct stat *) __asm__("stat64");
void *by_mmap(void *, size_t, int, int, int, off_t) __asm__("mmap64");

int main(void)
{
    struct stat is;
    FILE *file = by_fopen("/proc/self/exe", "r");
    int fd = by_open("/proc/self/exe", O_RDONLY);
    check(file && fd >= 0);
    check_eq(by_stat("/proc/self/exe", &is), 0);
    check_eq(by_lseek(fd, 0, SEEK_END), is.st_size);
    check(by_mmap(NULL, 1, 1, 2, fd, 0) != (void *)-1);
    say("ok\n");
}
