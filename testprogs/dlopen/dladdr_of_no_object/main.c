//@ about: dladdr knows nothing of link maps, their names, thread-local blocks of any thread, of start-up's and opened libraries, and of what malloc gave
//@ libc: glibc
//@ build: libs.so = ../../start/data_limit/lib.c -Dplace=start_place
//@ build: liba.so = ../../start/data_limit/lib.c
//@ build: libi.so = ../../start/data_limit/lib.c -ftls-model=initial-exec
//@ build: libd.so = ../../start/data_limit/lib.c -mtls-dialect=gnu2
//@ build: prog = main.c -l:libs.so
//@ stdout: ok

#include "../parts/dl.h"

void *start_place(void);
static __thread int mine;

static void unknown(const void *address)
{
    Dl_info info;
    struct link_map *map;
    if (dladdr(address, &info) || dladdr1(address, &info, (void **)&map, RTLD_DL_LINKMAP)) {
        dprintf(2, "%p: %s\n", address, info.dli_fname);
        _exit(1);
    }
}

static const char *const names[] = {"liba.so", "libi.so", "libd.so"};
static void *libraries[3];

static void *all(void *unused)
{
    unknown(&mine);
    unknown(&errno);
    unknown(start_place());
    unknown((void *)pthread_self());
    unknown(*(void **)(pthread_self() + 8)); // the DTV
    for (int i = 0; i < 3; i++)
        unknown(((void *(*)(void))found(libraries[i], "place"))());
    return unused;
}

int main(void)
{
    for (int i = 0; i < 3; i++) {
        libraries[i] = opened(names[i], RTLD_NOW);
        unknown(libraries[i]);
        unknown(((struct link_map *)libraries[i])->l_name);
    }
    for (struct link_map *map = _r_debug.r_map; map; map = map->l_next)
        if (!strstr(map->l_name, "/ld-")) // glibc's own is a variable
            unknown(map);
    void *memory = malloc(1);
    unknown(memory);
    free(memory);
    all(NULL);
    pthread_t thread;
    check_eq(pthread_create(&thread, NULL, all, NULL), 0);
    check_eq(pthread_join(thread, NULL), 0);
    say("ok\n");
}
