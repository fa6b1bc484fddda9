// The program's own DT_INIT and DT_INIT_ARRAY are run by its start code, which gets argc, argv and envp from the stack; a
// loader that ran them too would run them twice. DT_PREINIT_ARRAY is the loader's.
//@ about: preinit of the program, then init and init_array of the library, in order, with argc, argv and envp; then the entry point
//@ build: liba.so = lib.c -Wl,-init=a_init
//@ build: prog = main.c -fPIC -l:liba.so -Wl,-init=own_init
//@ elf: liba.so has (INIT) (INIT_ARRAY)
//@ elf: prog has (PREINIT_ARRAY) (INIT) (INIT_ARRAY)
//@ run: one two
//@ env: GREETING=hello
//@ stdout: preinit 1
//@ stdout: preinit 2
//@ stdout: library init
//@ stdout: library first
//@ stdout: library second
//@ stdout: entry

#include "arguments.h"

int a(void);

static void first(int argc, char **argv, char **envp)
{
    check_arguments(argc, argv, envp);
    print("preinit 1\n");
}
static void second(int argc, char **argv, char **envp)
{
    check_arguments(argc, argv, envp);
    print("preinit 2\n");
}
__attribute__((section(".preinit_array"), used)) static void *const preinit[] = {first, second};

void own_init(void) { print("the loader ran the program's DT_INIT\n"); }
__attribute__((constructor)) static void own_first(void) { print("the loader ran the program's init_array\n"); }

int main(int argc, char **argv, char **envp)
{
    check_arguments(argc, argv, envp);
    print("entry\n");
    exit_group(a());
}
