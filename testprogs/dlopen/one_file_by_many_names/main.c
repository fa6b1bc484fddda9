//@ about: A file opened by name, path, symbolic link, hard link and soname is one object with one handle.
//@ libc: glibc
//@ build: libreal.so = ../parts/speaks.c -DWHO=a -Wl,-soname,libsoname.so.1
//@ build: prog = main.c
//@ sh: ln -s libreal.so libsymbolic.so; ln libreal.so libhard.so; mkdir sub
//@ run: {dir}/libreal.so
//@ stdout: a begins
//@ stdout: ok
//@ stdout: a ends

#include "../parts/dl.h"

int main(int argc, char **argv)
{
    (void)argc;
    void *handle = opened("libreal.so", RTLD_LAZY);
    check_eq(opened(argv[1], RTLD_LAZY), handle);
    check_eq(opened("./libreal.so", RTLD_LAZY), handle);
    check_eq(opened("sub/../libreal.so", RTLD_LAZY), handle);
    check_eq(opened("libsymbolic.so", RTLD_LAZY), handle);
    check_eq(opened("./libsymbolic.so", RTLD_LAZY), handle);
    check_eq(opened("libhard.so", RTLD_LAZY), handle);
    check_eq(opened("libsoname.so.1", RTLD_LAZY), handle);
    check_eq(look("/libreal.so").count, 1);
    say("ok\n");
}
