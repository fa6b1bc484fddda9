//@ about: A path that names a descriptor means the file that is there now: another file under the same number is another library, and one file under two numbers is one.
//@ libc: glibc
//@ build: lib1.so = ../parts/speaks.c -DWHO=one -DSILENT
//@ build: lib2.so = ../parts/speaks.c -DWHO=two -DSILENT
//@ build: prog = main.c
//@ oracle: differs: glibc goes by the name, and gives the library that had the descriptor before
//@ stdout: ok

#include "../parts/dl.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int in_memory(const char *file)
{
    static char bytes[1 << 20];
    int from = open(file, O_RDONLY), to = memfd_create("library", MFD_CLOEXEC);
    long size = read(from, bytes, sizeof bytes);
    check(size > 0 && write(to, bytes, (size_t)size) == size);
    close(from);
    return to;
}

static const char *path(const char *form, int fd)
{
    static char text[64];
    snprintf(text, sizeof text, form, fd, getpid());
    return text;
}

int main(void)
{
    static const char *const forms[] = {"/proc/self/fd/%d", "/dev/fd/%d", "/proc/%2$d/fd/%1$d",
                                        "/proc/thread-self/fd/%d", "/proc/self/task/%2$d/fd/%1$d"};
    for (int i = 0; i < 5; i++) {
        int fd = in_memory("lib1.so"), twin = dup(fd);
        void *one = opened(path(forms[i], fd), RTLD_NOW);
        check_eq(opened(path(forms[i], fd), RTLD_NOW), one);
        check_eq(opened(path(forms[i], twin), RTLD_NOW), one);
        check_eq(opened(path("/proc/self/fd/%d", twin), RTLD_NOW | RTLD_NOLOAD), one);
        check_eq(dup2(in_memory("lib2.so"), fd), fd);
        check(!dlopen(path(forms[i], fd), RTLD_NOW | RTLD_NOLOAD) && !dlerror());
        void *two = opened(path(forms[i], fd), RTLD_NOW);
        check(two != one);
        found(one, "one");
        found(two, "two");
        close(fd);
        check(!dlopen(path(forms[i], fd), RTLD_NOW) && dlerror());
        // The file is still that of the first.
        check_eq(opened(path(forms[i], twin), RTLD_NOW), one);
        close(twin);
        for (int times = 0; times < 5; times++)
            closed(one);
        closed(two);
        check_gone(path(forms[i], fd));
    }
    // Not a descriptor's: a file's own path stays its name when the file is replaced.
    check(mkdir("fd", 0700) == 0 || errno == EEXIST);
    unlink("fd/5");
    check_eq(link("lib1.so", "fd/5"), 0);
    void *one = opened("./fd/5", RTLD_NOW);
    unlink("fd/5");
    check_eq(link("lib2.so", "fd/5"), 0);
    check_eq(opened("./fd/5", RTLD_NOW), one);
    say("ok\n");
}
