//@ about: A library with an initial-exec reference to the variable of another opened library, which that one uses as global-dynamic: both see one variable a thread.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: libb.so = user.c -ftls-model=initial-exec -Wl,--no-as-needed -l:liba.so
//@ build: prog = main.c -pthread
//@ elf: libb.so has R_X86_64_TPOFF64
//@ elf: liba.so lacks R_X86_64_TPOFF64
//@ stdout: ok

#include "../parts/dl.h"

static long *(*by_owner)(void), *(*by_user)(void);

static void *same(void *unused)
{
    check_eq(by_owner(), by_user());
    check_eq(*by_user(), 123);
    *by_user() = 5;
    return unused;
}

int main(void)
{
    void *b = opened("libb.so", RTLD_NOW);
    by_user = (long *(*)(void))found(b, "user_address");
    by_owner = (long *(*)(void))found(b, "a_address");
    same(NULL);
    joined(started(same, NULL));
    closed(b);
    check_gone("/liba.so");
    say("ok\n");
}
