//@ about: An object with PT_TLS and no TLS symbol has its id, its block and its image like any other.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold
//@ libc: none,musl
//@ build: liba.so = ../parts/module.c -DWHO=a -DDATA=24 -DALIGN=8
//@ build: libmute.so = mute.c -Wl,-s
//@ build: libb.so = ../parts/module.c -DWHO=b -DDATA=40 -DALIGN=4
//@ build: prog = main.c -l:liba.so -l:libmute.so -l:libb.so
//@ sh: ! readelf -Ws libmute.so | grep -w TLS
//@ elf: libmute.so has TLS
//@ elf: libmute.so lacks R_X86_64_DTPMOD64 R_X86_64_TPOFF64 R_X86_64_TLSDESC
//@ stdout: ok

#include "layout.h"
#include "start.h"
#include "threads.h"

void a_module(struct tls_module *), mute_module(struct tls_module *), b_module(struct tls_module *);

static void check_blocks(void *unused)
{
    (void)unused;
    struct tls_module a, mute = {.id = 2}, b;
    a_module(&a);
    mute_module(&mute);
    b_module(&b);
    unsigned long used = check_block(0, &a, 1);
    mute.block = (char *)fs_word(0) - distance(used, mute.segment);
    used = check_block(used, &mute, 2);
    check_image(&mute);
    check_block(used, &b, 3);
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_blocks(NULL);
    struct thread thread;
    thread_start(&thread, check_blocks, NULL);
    thread_join(&thread);
    print("ok\n");
    return 0;
}
