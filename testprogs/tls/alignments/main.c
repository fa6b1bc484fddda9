//@ about: Modules of every alignment from 1 to 4096, and of two larger than a page, lie at their alignment, without a gap larger than it, in every thread.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: none,musl
//@ build: lib1.so = ../parts/module.c -DWHO=m1 -DDATA=4 -DALIGN=1
//@ build: lib2.so = ../parts/module.c -DWHO=m2 -DDATA=5 -DALIGN=2
//@ build: lib4.so = ../parts/module.c -DWHO=m4 -DDATA=7 -DALIGN=4
//@ build: lib8.so = ../parts/module.c -DWHO=m8 -DDATA=11 -DALIGN=8
//@ build: lib16.so = ../parts/module.c -DWHO=m16 -DDATA=19 -DALIGN=16
//@ build: lib32.so = ../parts/module.c -DWHO=m32 -DDATA=35 -DALIGN=32
//@ build: lib64.so = ../parts/module.c -DWHO=m64 -DDATA=67 -DALIGN=64
//@ build: lib128.so = ../parts/module.c -DWHO=m128 -DDATA=131 -DALIGN=128
//@ build: lib256.so = ../parts/module.c -DWHO=m256 -DDATA=259 -DALIGN=256
//@ build: lib512.so = ../parts/module.c -DWHO=m512 -DDATA=515 -DALIGN=512
//@ build: lib1024.so = ../parts/module.c -DWHO=m1024 -DDATA=1027 -DALIGN=1024
//@ build: lib2048.so = ../parts/module.c -DWHO=m2048 -DDATA=2051 -DALIGN=2048
//@ build: lib4096.so = ../parts/module.c -DWHO=m4096 -DDATA=4099 -DALIGN=4096
//@ build: lib8192.so = ../parts/module.c -DWHO=m8192 -DDATA=8195 -DALIGN=8192
//@ build: lib65536.so = ../parts/module.c -DWHO=m65536 -DDATA=65539 -DALIGN=65536
//@ build: prog = main.c -l:lib1.so -l:lib2.so -l:lib4.so -l:lib8.so -l:lib16.so -l:lib32.so -l:lib64.so -l:lib128.so -l:lib256.so -l:lib512.so -l:lib1024.so -l:lib2048.so -l:lib4096.so -l:lib8192.so -l:lib65536.so
//@ stdout: ok
//@ musl oracle: no: beyond a page its alignment depends on where the object lies

#include "layout.h"
#include "start.h"
#include "threads.h"

#define EACH(X)                                                                              \
    X(1) X(2) X(4) X(8) X(16) X(32) X(64) X(128) X(256) X(512) X(1024) X(2048) X(4096)       \
    X(8192) X(65536)
#define DECLARE(a) void m##a##_module(struct tls_module *);
#define NAME_OF(a) m##a##_module,
EACH(DECLARE)

static void check_alignments(void *unused)
{
    (void)unused;
    void (*const modules[])(struct tls_module *) = {EACH(NAME_OF)};
    unsigned long used = 0;
    for (unsigned long i = 0; i < sizeof modules / sizeof *modules; i++) {
        struct tls_module m;
        modules[i](&m);
        check_eq(m.segment->p_align, i == 14 ? 65536 : 1ul << i);
        used = check_block(used, &m, i + 1);
        check_image(&m);
    }
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_alignments(NULL);
    struct thread threads[4];
    for (int i = 0; i < 4; i++)
        thread_start(&threads[i], check_alignments, NULL);
    for (int i = 0; i < 4; i++)
        thread_join(&threads[i]);
    print("ok\n");
    return 0;
}
