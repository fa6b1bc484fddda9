// DT_DEBUG of the program is filled by the loader that started it; a second loader would have another _r_debug.
//@ about: a needed ld-linux-x86-64.so.2 is answered by the running loader, not by loading that file
//@ build: prog = main.c -fPIC
//@ elf: prog has [ld-linux-x86-64.so.2]
//@ elf: prog lacks COPY

#include "start.h"

extern char _r_debug[40];
extern const Elf64_Dyn _DYNAMIC[];

int main(int argc, char **argv, char **envp)
{
    const Elf64_Dyn *d = _DYNAMIC;
    while (d->d_tag != DT_DEBUG) {
        check(d->d_tag != DT_NULL);
        d++;
    }
    check_eq(d->d_un.d_ptr, _r_debug);
    exit_group(0);
}
