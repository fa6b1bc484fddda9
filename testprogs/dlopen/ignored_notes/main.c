//@ about: notes and properties that say nothing to a loader: stack size, no copies of protected symbols, references to outside that are indirect, a build id, the oldest kernel
//@ rule: NT_GNU_ABI_TAG: Ignored, also where it asks for a newer Linux than there is.
//@ rule: GNU_PROPERTY_STACK_SIZE GNU_PROPERTY_NO_COPY_ON_PROTECTED: Ignored.
//@ rule: GNU_PROPERTY_1_NEEDED GNU_PROPERTY_1_NEEDED_INDIRECT_EXTERN_ACCESS: Ignored. With it glibc refuses programs that copy a protected symbol of such a library, whose link editors refuse that too.
//@ rule: NT_GNU_BUILD_ID: By the build id of libc it is told whose build it is; else it is said in messages alone.
//@ libc: glibc,musl
//@ build: liba.so = notes.S -DKERNEL=99
//@ build: libb.so = notes.S -DKERNEL=3 -DPROPERTY=1 -Wl,--build-id
//@ build: libc2.so = notes.S -DKERNEL=3 -DPROPERTY=2
//@ build: libd.so = notes.S -DKERNEL=3 -DPROPERTY=0xb0008000
//@ build: prog = main.c

#include "../parts/dl.h"

int main(void)
{
    const char *names[] = {"./liba.so", "./libb.so", "./libc2.so", "./libd.so"};
    for (int at = 0; at < 4; at++)
        check_eq(*(int *)found(opened(names[at], RTLD_NOW), "value"), 5);
}
