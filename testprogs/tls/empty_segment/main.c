//@ about: A PT_TLS of size 0 is no error and takes no block; the libraries beside it keep theirs.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold
//@ libc: none,musl
//@ skip: ld=bfd : bfd drops an empty .tbss together with the segment
//@ build: liba.so = ../parts/module.c -DWHO=a -DDATA=24 -DALIGN=8
//@ build: libnothing.so = nothing.c
//@ build: libb.so = ../parts/module.c -DWHO=b -DDATA=40 -DALIGN=4
//@ build: prog = main.c -l:liba.so -l:libnothing.so -l:libb.so
//@ sh: set -- $(readelf -Wl libnothing.so | grep ' TLS '); test $(($5)) = 0 && test $(($6)) = 0
//@ stdout: ok

#include "layout.h"
#include "start.h"
#include "threads.h"

void a_module(struct tls_module *), b_module(struct tls_module *);

static void check_blocks(void *unused)
{
    (void)unused;
    struct tls_module a, b;
    a_module(&a);
    b_module(&b);
    // Whether the empty one has an id is nobody's business, that b's block and entry agree is.
#if !__STDC_HOSTED__
    check(b.id == 2 || b.id == 3);
#endif
    check_block(check_block(0, &a, 1), &b, b.id);
    check_image(&a);
    check_image(&b);
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
