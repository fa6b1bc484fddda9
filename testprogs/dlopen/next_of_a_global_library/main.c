//@ about: RTLD_NEXT of a library opened RTLD_GLOBAL, and of one it needs, goes on in what was opened with it, where libc comes after it.
//@ libc: glibc
//@ build: liblast.so = last.c
//@ build: libneeded.so = wraps.c -DNAME=needed -L. -Wl,--no-as-needed -l:liblast.so
//@ build: libwraps.so = wraps.c -DNAME=wraps -L. -Wl,--no-as-needed -l:libneeded.so -l:liblast.so
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

static void looks(int mode)
{
    void *wraps = opened("libwraps.so", RTLD_NOW | mode);
    // From each, the next definition: of the other wrapper, of the last library, of libc.
    check_eq(((void *(*)(void))found(wraps, "next_strtol_of_wraps"))(), found(RTLD_DEFAULT, "strtol"));
    check_eq(((void *(*)(void))found(wraps, "next_strtol_of_needed"))(), found(RTLD_DEFAULT, "strtol"));
    check_eq(((int (*)(void))found(wraps, "which_of_wraps"))(), 3);
    check_eq(((int (*)(void))found(wraps, "which_of_needed"))(), 3);
    closed(wraps);
}

int main(void)
{
    looks(RTLD_LOCAL);
    looks(RTLD_GLOBAL);
    say("ok\n");
}
