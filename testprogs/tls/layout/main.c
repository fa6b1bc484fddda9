//@ about: The blocks of program and libraries lie where the formula of variant II puts them, side by side, in the initial thread and in others; module ids, DTV and images agree.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ build: lib1.so = ../parts/module.c -DWHO=a -DDATA=24 -DALIGN=8
//@ build: lib2.so = ../parts/module.c -DWHO=b -DDATA=7 -DALIGN=1 -DZERO=61
//@ build: lib3.so = ../parts/module.c -DWHO=c -DDATA=100 -DALIGN=32 -DZERO=200 -DZERO_ALIGN=64
//@ build: lib4.so = ../parts/module.c -DWHO=d -DDATA=4097 -DALIGN=4096
//@ build: prog = main.c -l:lib1.so -l:lib2.so -l:lib3.so -l:lib4.so
//@ stdout: ok

// Each gap that alignment leaves is smaller than the blocks after it: a loader that fills gaps, as
// glibc's does, comes to the same layout as one that does not.
#include "layout.h"
#include "start.h"
#include "threads.h"

void a_module(struct tls_module *), b_module(struct tls_module *);
void c_module(struct tls_module *), d_module(struct tls_module *);

static __thread char data[50] __attribute__((aligned(16))) = "the program's";
static __thread char zero[30];

static void check_layout(void *unused)
{
    (void)unused;
    const Elf64_Phdr *table = (const Elf64_Phdr *)aux(AT_PHDR);
    size_t n = aux(AT_PHNUM);
    const Elf64_Phdr *self = find_segment(table, n, PT_PHDR);
    struct tls_module program = {.id = 1, .segment = find_segment(table, n, PT_TLS)};
    check(self != NULL && program.segment != NULL);
    program.image = (const char *)table - self->p_vaddr + program.segment->p_vaddr;
    program.block = (char *)fs_word(0) - distance(0, program.segment);
    unsigned long used = check_block(0, &program, 1);
    check_image(&program);
    check(data >= program.block && data + sizeof data <= (char *)fs_word(0));
    check(zero >= program.block && zero + sizeof zero <= (char *)fs_word(0));

    void (*const libraries[])(struct tls_module *) = {a_module, b_module, c_module, d_module};
    for (unsigned long i = 0; i < 4; i++) {
        struct tls_module m;
        libraries[i](&m);
        used = check_block(used, &m, i + 2);
        check_image(&m);
    }
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check_layout(NULL);
    struct thread threads[4];
    for (int i = 0; i < 4; i++)
        thread_start(&threads[i], check_layout, NULL);
    for (int i = 0; i < 4; i++)
        thread_join(&threads[i]);
    print("ok\n");
    return 0;
}
