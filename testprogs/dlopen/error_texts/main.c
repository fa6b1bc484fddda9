//@ about: dlerror says glibc's words: object and reason, once, then NULL; a later success does not bring an old error back.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ sh: mkdir folder; printf 'no ELF at all, but long enough for a header of one, sixty-four bytes' > text.so; : > empty.so; head -c 30 liba.so > short.so
//@ sh: head -c 400 liba.so > cut.so; cp liba.so wrong.so; printf '\001' | dd of=wrong.so bs=1 seek=4 conv=notrunc status=none
//@ sh: cp liba.so machine.so; printf '\267' | dd of=machine.so bs=1 seek=18 conv=notrunc status=none
//@ stdout: libnone.so: cannot open shared object file: No such file or directory
//@ stdout: ./none/lib.so: cannot open shared object file: No such file or directory
//@ stdout: ./text.so: invalid ELF header
//@ stdout: ./empty.so: file too short
//@ stdout: ./short.so: file too short
//@ stdout: ./wrong.so: wrong ELF class: ELFCLASS32
//@ stdout: ./folder: cannot read file data: Is a directory
//@ stdout: {dir}/liba.so: undefined symbol: nothing
//@ stdout: {prog}: undefined symbol: nothing
//@ stdout: {prog}: undefined symbol: nothing
//@ stdout: liba.so: invalid mode for dlopen(): Invalid argument
//@ stdout: ok

#include "../parts/dl.h"

static void failed(void *handle)
{
    check(!handle);
    const char *text = dlerror();
    check(text);
    say("%s\n", text);
    check_eq(dlerror(), NULL);
}

int main(void)
{
    check_eq(dlerror(), NULL);
    failed(dlopen("libnone.so", RTLD_LAZY));
    failed(dlopen("./none/lib.so", RTLD_LAZY));
    failed(dlopen("./text.so", RTLD_LAZY));
    failed(dlopen("./empty.so", RTLD_LAZY));
    failed(dlopen("./short.so", RTLD_LAZY));
    failed(dlopen("./wrong.so", RTLD_LAZY));
    failed(dlopen("./folder", RTLD_LAZY));
    void *a = opened("liba.so", RTLD_NOW);
    failed(dlsym(a, "nothing"));
    failed(dlsym(RTLD_DEFAULT, "nothing"));
    failed(dlsym(dlopen(NULL, RTLD_LAZY), "nothing"));
    failed(dlopen("liba.so", 0));
    // Words of these differ between versions of glibc; the object's name must stand first.
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "./machine.so" : "./cut.so";
        check(!dlopen(name, RTLD_LAZY));
        const char *text = dlerror();
        check(text && strncmp(text, name, strlen(name)) == 0 && strstr(text, ": "));
        check_gone(name + 1);
    }
    check(!dlsym(a, "nothing"));
    closed(opened("liba.so", RTLD_NOW));
    closed(a);
    say("ok\n");
}
