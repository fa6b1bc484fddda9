//@ about: Without a libc: dl_iterate_phdr's callback opens a library, which the walk need not show, and closes one that is still to come in it, which it must not.
//@ axes: opt=-O0,-O2
//@ build: liba.so = ../free_open_call_close/lib.c -DWHO=a
//@ build: libb.so = ../free_open_call_close/lib.c -DWHO=b
//@ build: symbols.so = ../parts/loader_symbols.c -Wl,-soname,ld-linux-x86-64.so.2
//@ build: prog = main.c -l:symbols.so
//@ stdout: liba.so begins
//@ stdout: liba.so begins
//@ stdout: liba.so ends
//@ stdout: liba.so ends
//@ stdout: before 1 1, after 1 0
//@ oracle: no: glibc's dlopen is in libc.so.6

#include "../parts/free_dl.h"
#include "start.h"

// The beginning of struct dl_phdr_info of <link.h>.
struct info {
    unsigned long addr;
    const char *name;
};
int dl_iterate_phdr(int (*callback)(struct info *, unsigned long, void *), void *data);
static void *a, *b;
static long seen_a, seen_b;

static int ends_with(const char *text, const char *end)
{
    unsigned long n = 0, m = 0;
    while (text[n])
        n++;
    while (end[m])
        m++;
    while (m && n && text[n - 1] == end[m - 1])
        n--, m--;
    return m == 0;
}
static int count(struct info *info, unsigned long size, void *unused)
{
    (void)size, (void)unused;
    seen_a += ends_with(info->name, "/liba.so");
    seen_b += ends_with(info->name, "/libb.so");
    return 0;
}
static int changes(struct info *info, unsigned long size, void *unused)
{
    count(info, size, unused);
    if (b) {
        check_eq(dlclose(b), 0);
        b = 0;
        void *again = dlopen("./liba.so", RTLD_NOW);
        check_eq(again, a);
        check_eq(dlclose(again), 0);
    }
    return 0;
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    a = dlopen("./liba.so", RTLD_NOW);
    b = dlopen("./libb.so", RTLD_NOW);
    check(a && b);
    dl_iterate_phdr(count, 0);
    long before_a = seen_a, before_b = seen_b;
    seen_a = seen_b = 0;
    dl_iterate_phdr(changes, 0);
    check_eq(dlclose(a), 0);
    print("before %d %d, after %d %d\n", before_a, before_b, seen_a, seen_b);
    return 0;
}
