//@ about: dlsym of the handle of an RTLD_LOCAL library finds a thread-local variable that its dependency defines; a second thread has the initial value.
//@ libc: glibc,musl
//@ build: libdependency.so = ../parts/tls.c -DWHO=dependency
//@ build: libopened.so = empty.c -Wl,--no-as-needed -l:libdependency.so
//@ build: prog = main.c -pthread
//@ elf: libopened.so has NEEDED libdependency.so
//@ elf: libopened.so lacks TLS
//@ elf: libdependency.so has TLS
//@ elf: prog lacks libdependency.so
//@ stdout: ok

#include "../parts/dl.h"

static void *handle;

static void *looks(void *of_main)
{
    long *variable = (long *)found(handle, "dependency_data");
    check(variable != of_main);
    check_eq(*variable, 123);
    *variable = 1;
    check_eq(((long *(*)(void))found(handle, "dependency_address"))(), variable);
    return variable;
}

int main(void)
{
    handle = opened("libopened.so", RTLD_NOW | RTLD_LOCAL);
    check(absent(RTLD_DEFAULT, "dependency_data"));
    long *mine = (long *)looks(NULL);
    joined(started(looks, mine));
    check_eq(*mine, 1);
    say("ok\n");
}
