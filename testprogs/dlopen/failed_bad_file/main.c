//@ about: A dependency that is text, empty, cut off in its headers or of another machine: nothing stays, and with the right file in its place the same dlopen succeeds.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ sh: cp libb.so right; : > empty; head -c 30 right > short; printf 'no ELF at all, but long enough for a header of one, sixty-four bytes' > text
//@ sh: head -c 200 right > cut; cp right other; printf '\001' | dd of=other bs=1 seek=4 conv=notrunc status=none
//@ env: LD_LIBRARY_PATH={dir}
//@ run: {dir}
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: a ends
//@ stdout: b ends
//@ stdout: ok

#include "../parts/whole.h"

static const char *bad[] = {"empty", "short", "text", "cut"};

static void becomes_libb(const char *file)
{
    unlink("libb.so");
    check_eq(link(file, "libb.so"), 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    struct whole before = whole();
    for (int i = 0; i < 4; i++) {
        becomes_libb(bad[i]);
        for (int twice = 0; twice < 2; twice++) {
            check(!dlopen("liba.so", RTLD_NOW));
            const char *text = dlerror();
            check(text && strstr(text, "libb.so: "));
        }
        check_gone("/liba.so");
        check_gone("/libb.so");
        check_unchanged(before);
    }
    becomes_libb("other");
    // A file of another class is passed over in a search.
    check_fails("liba.so", RTLD_NOW, "libb.so: wrong ELF class: ELFCLASS32");
    becomes_libb("right");
    closed(opened("liba.so", RTLD_NOW));
    check_unchanged(before);
    say("ok\n");
}
