//@ about: Calling a function that was missing at a lazy dlopen ends the process with its name, status 127.
//@ libc: glibc
//@ build: liba.so = ../lazy_missing_function/lib.c
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {dir}/liba.so: undefined symbol: nowhere

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_LAZY);
    ((int (*)(int))found(a, "works"))(1);
}
