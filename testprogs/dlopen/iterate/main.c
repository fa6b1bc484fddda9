//@ about: dl_iterate_phdr lists the program, then libraries, then opened objects in order; adds and subs count every one; TLS ids and the block of the calling thread are given; a non-zero result stops it.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -Wl,--no-as-needed -l:libb.so
//@ build: libt.so = tls.c
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static int stop_at_second(struct dl_phdr_info *info, size_t size, void *calls)
{
    (void)info, (void)size;
    return ++*(int *)calls == 2 ? 42 : 0;
}

struct order {
    int index, program, libc, a, b;
};
static int order_of(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct order *order = (struct order *)arg;
    check_eq(size, sizeof *info);
    check(info->dlpi_phnum && info->dlpi_phdr);
    order->index++;
    if (!info->dlpi_name[0])
        order->program = order->index;
    if (ends_with(info->dlpi_name, "/libc.so.6"))
        order->libc = order->index;
    if (ends_with(info->dlpi_name, "/liba.so"))
        order->a = order->index;
    if (ends_with(info->dlpi_name, "/libb.so"))
        order->b = order->index;
    return 0;
}

static int tls_of(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    if (ends_with(info->dlpi_name, "/libt.so"))
        *(struct dl_phdr_info *)arg = *info;
    return 0;
}
static void *check_tls(void *t)
{
    char *variable = (char *)found(t, "variable");
    struct dl_phdr_info info = {0};
    dl_iterate_phdr(tls_of, &info);
    check(info.dlpi_tls_modid != 0);
    check(info.dlpi_tls_data && (char *)info.dlpi_tls_data <= variable);
    check(variable < (char *)info.dlpi_tls_data + 64);
    return info.dlpi_tls_data;
}

int main(void)
{
    struct seen before = look(NULL);
    check_eq(before.adds - before.subs, before.total);
    void *a = opened("liba.so", RTLD_NOW);
    struct seen with = look(NULL);
    check_eq(with.total, before.total + 2);
    check_eq(with.adds, before.adds + 2);
    check_eq(with.subs, before.subs);
    struct order order = {0};
    check_eq(dl_iterate_phdr(order_of, &order), 0);
    check_eq(order.program, 1);
    check(1 < order.libc && order.libc < order.a && order.a < order.b);
    int calls = 0;
    check_eq(dl_iterate_phdr(stop_at_second, &calls), 42);
    check_eq(calls, 2);
    opened("liba.so", RTLD_NOW);
    check_eq(look(NULL).adds, with.adds);
    closed(a);
    closed(a);
    struct seen after = look(NULL);
    check_eq(after.total, before.total);
    check_eq(after.adds, before.adds + 2);
    check_eq(after.subs, before.subs + 2);
    check(!dlopen("libnone.so", RTLD_NOW));
    check_eq(look(NULL).adds - look(NULL).subs, before.total);

    void *t = opened("libt.so", RTLD_NOW);
    void *mine = check_tls(t);
    check(joined(started(check_tls, t)) != mine);
    say("ok\n");
}
