//@ about: A unique symbol is one for the process whatever its versions: that which was bound to first, in the object that is relocated first, which stays; what needs that object and has the symbol too can be closed.
//@ libc: glibc
//@ build: libneeded.so = lib.c -DPLACE=needed -Wl,--version-script=needed.map
//@ build: libopened.so = lib.c -DPLACE=opened -Wl,--version-script=opened.map -Wl,--no-as-needed -l:libneeded.so
//@ elf: libneeded.so has R_X86_64_GLOB_DAT one@@NEEDED_1
//@ elf: libopened.so has R_X86_64_GLOB_DAT one@@OPENED_1 libneeded.so
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *lib = opened("libopened.so", RTLD_NOW);
    void *place = ((void *(*)(void))found(lib, "opened"))();
    check_eq(place, ((void *(*)(void))found(lib, "needed"))());
    Dl_info info;
    check(dladdr(place, &info) && strstr(info.dli_fname, "libneeded.so"));
    closed(lib);
    check(dlopen("libopened.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
    check(dlopen("libneeded.so", RTLD_NOW | RTLD_NOLOAD) != NULL);
    say("ok\n");
}
