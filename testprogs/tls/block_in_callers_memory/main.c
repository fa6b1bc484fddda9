//@ about: A thread's block may lie in memory of the caller, as on the stack of a libc's thread: the loader fills it, fills it again for the next thread, and leaves the memory alone when it goes.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold
//@ build: liba.so = ../parts/module.c -DWHO=a -DDATA=24 -DALIGN=8 -DZERO=3000 -DZERO_ALIGN=128
//@ build: prog = main.c -l:liba.so
//@ stdout: ok

#include "layout.h"
#include "start.h"
#include "threads.h"

void _dl_get_tls_static_info(size_t *size, size_t *align);
void *_dl_allocate_tls_init(void *tp, _Bool init_tls);
void a_module(struct tls_module *);

__thread int own = 123;

// For a thread that does not run: offsets to the thread pointer are those of this one.
static void check_filled(char *tp, size_t below, const struct tls_module *a, unsigned long offset)
{
    char **dtv = ((char ***)tp)[1];
    int *counter = (int *)(tp - (fs_word(0) - (uintptr_t)&own));
    check_eq(*counter, 123);
    check(dtv[2 * 1] >= tp - below && dtv[2 * 1] <= (char *)counter);
    check_eq(dtv[2 * 2], tp - offset);
    for (unsigned long i = 0; i < a->segment->p_memsz; i++)
        check_eq(tp[(long)(i - offset)], i < a->segment->p_filesz ? a->image[i] : 0);
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    enum { TCB = 4096 };
    size_t size = 0, align = 0;
    _dl_get_tls_static_info(&size, &align);
    check(size > 0 && align >= 128 && (align & (align - 1)) == 0);

    struct tls_module a;
    a_module(&a);
    unsigned long offset = fs_word(0) - (uintptr_t)a.block;
    check(offset <= size);
    size_t all = size + align + TCB;
    char *memory = (char *)map_pages(all);
    char *tp = (char *)(((uintptr_t)memory + size + align - 1) & -align);
    for (size_t i = 0; i < all; i++)
        memory[i] = 0x55;
    for (size_t i = 0; i < TCB - align; i++)
        tp[i] = 0;

    check_eq(_dl_allocate_tls(tp), tp);
    check_filled(tp, size, &a, offset);
    for (unsigned long i = 0; i < a.segment->p_memsz; i++)
        tp[(long)(i - offset)] = 0x77;
    check_eq(_dl_allocate_tls_init(tp, 1), tp);
    check_filled(tp, size, &a, offset);
    _dl_deallocate_tls(tp, 0);
    memory[0] = memory[all - 1] = 0;
    check_image(&a);
    print("ok\n");
    return 0;
}
