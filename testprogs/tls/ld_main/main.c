//@ about: The program reaches its own exported variables by local-dynamic code that no linker relaxed.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ build: prog = main.c ../parts/defines.c -DWHO=own -fPIC -ftls-model=local-dynamic -shared -Wl,-e,_start
//@ elf: prog has R_X86_64_DTPMOD64 __tls_get_addr INTERP
//@ elf: prog lacks R_X86_64_TPOFF64 R_X86_64_DTPOFF64 R_X86_64_TLSDESC
//@ stdout: ok

#include "interp.h"
#include "per_thread.h"
#include "start.h"

extern __thread int counter, blank;
static int *here_counter(void) { return &counter; }
static int *here_blank(void) { return &blank; }

way own_counter, own_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const counters[] = {own_counter, here_counter, NULL};
    way *const blanks[] = {own_blank, here_blank, NULL};
    check_per_thread(counters, 123);
    check_per_thread(blanks, 0);
    print("ok\n");
    return 0;
}
