//@ about: Every request of dlinfo: LMID, LINKMAP, ORIGIN, SERINFOSIZE, SERINFO, TLS_MODID, TLS_DATA, PHDR, and the words for the ones there are not.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -Wl,-rpath,/first/dir:$ORIGIN/sub
//@ build: libt.so = tls.c
//@ build: prog = main.c -pthread
//@ run: {dir}
//@ env: LD_LIBRARY_PATH=/from/environment:{dir}
//@ stdout: unsupported dlinfo request
//@ stdout: ok

#include "../parts/dl.h"

static const char *directory;

static int phdr_of(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    if (ends_with(info->dlpi_name, "/liba.so"))
        *(struct dl_phdr_info *)arg = *info;
    return 0;
}

static void *untouched_then_touched(void *t)
{
    void *data = &data;
    check_eq(dlinfo(t, RTLD_DI_TLS_DATA, &data), 0);
    char *variable = (char *)found(t, "variable");
    check(data == NULL || (char *)data <= variable);
    check_eq(dlinfo(t, RTLD_DI_TLS_DATA, &data), 0);
    check(data && (char *)data <= variable && variable < (char *)data + 64);
    return variable;
}

int main(int argc, char **argv)
{
    (void)argc;
    directory = argv[1];
    void *a = opened("liba.so", RTLD_NOW), *t = opened("libt.so", RTLD_NOW);
    Lmid_t id = 7;
    check_eq(dlinfo(a, RTLD_DI_LMID, &id), 0);
    check_eq(id, LM_ID_BASE);
    struct link_map *map = NULL;
    check_eq(dlinfo(a, RTLD_DI_LINKMAP, &map), 0);
    check(map && ends_with(map->l_name, "/liba.so"));
    char origin[4096];
    check_eq(dlinfo(a, RTLD_DI_ORIGIN, origin), 0);
    check_text(origin, directory);

    Dl_serinfo size;
    check_eq(dlinfo(a, RTLD_DI_SERINFOSIZE, &size), 0);
    check(size.dls_size > sizeof size && size.dls_cnt >= 5);
    Dl_serinfo *list = (Dl_serinfo *)malloc(size.dls_size);
    check_eq(dlinfo(a, RTLD_DI_SERINFOSIZE, list), 0);
    check_eq(dlinfo(a, RTLD_DI_SERINFO, list), 0);
    char expected[4200];
    snprintf(expected, sizeof expected, "%s/sub", directory);
    int at = -1;
    for (unsigned i = 0; i + 2 < list->dls_cnt; i++)
        if (strcmp(list->dls_serpath[i].dls_name, "/from/environment") == 0)
            at = (int)i;
    check(at == 0);
    bool first = false, second = false, standard = false;
    for (unsigned i = 0; i < list->dls_cnt; i++) {
        const char *name = list->dls_serpath[i].dls_name;
        first |= strcmp(name, "/first/dir") == 0;
        second |= first && strcmp(name, expected) == 0;
        standard |= second && strcmp(name, "/lib/x86_64-linux-gnu") == 0;
    }
    check(first && second && standard);

    size_t module = 77;
    check_eq(dlinfo(a, RTLD_DI_TLS_MODID, &module), 0);
    check_eq(module, 0);
    check_eq(dlinfo(t, RTLD_DI_TLS_MODID, &module), 0);
    check(module != 0);
    void *mine = untouched_then_touched(t);
    check(joined(started(untouched_then_touched, t)) != mine);

    struct dl_phdr_info iterated = {0};
    dl_iterate_phdr(phdr_of, &iterated);
    const ElfW(Phdr) *headers = NULL;
    check_eq(dlinfo(a, RTLD_DI_PHDR, &headers), iterated.dlpi_phnum);
    check_eq(headers, iterated.dlpi_phdr);

    check_eq(dlinfo(a, RTLD_DI_CONFIGADDR, origin), -1);
    say("%s\n", dlerror());
    say("ok\n");
}
