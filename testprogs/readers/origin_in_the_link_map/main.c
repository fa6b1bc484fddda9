//@ about: Whoever reads link maps in memory finds each file's directory there (l_origin, the word before l_map_start), the same that dlinfo tells: of start-up's and opened objects, when constructors run already; and nothing for what the kernel brought
//@ axes: ld=bfd,lld,mold
//@ libc: glibc
//@ sh: mkdir sub
//@ build: libs.so = lib.c
//@ build: sub/liba.so = lib.c
//@ build: sub/libb.so = lib.c
//@ build: prog = main.c -Wl,--no-as-needed -l:libs.so
//@ run: {dir}
//@ stdout: ok

#include "origin.h"

// What dlinfo says without a look at the memory that the claim is about.
static void is_told(struct link_map *map)
{
    char told[4096];
    check_eq(dlinfo(map, RTLD_DI_ORIGIN, told), 0);
    check_text(origin_of(map), told);
}

static const char *in_constructor(void *library)
{
    return ((const char *(*)(void))found(library, "constructed_in"))();
}

int main(int argc, char **argv)
{
    (void)argc;
    char expected[4096];
    struct link_map *program = opened(NULL, RTLD_NOW);
    is_told(program); // its DT_RUNPATH says $ORIGIN
    for (struct link_map *map = program->l_next; map; map = map->l_next)
        if (strstr(map->l_name, "libc.so.6") || ends_with(map->l_name, "libs.so"))
            is_told(map);
        else
            check(!origin_of(map)); // the vdso and the loader
    struct link_map *s = opened("libs.so", RTLD_NOW | RTLD_NOLOAD);
    check_text(origin_of(s), origin_of(program));
    check_text(in_constructor(s), origin_of(s));

    snprintf(expected, sizeof expected, "%s/sub/liba.so", argv[1]);
    struct link_map *a = opened(expected, RTLD_NOW);
    check_eq(chdir(argv[1]), 0);
    struct link_map *b = opened("./sub/libb.so", RTLD_NOW);
    check_eq(chdir("/"), 0);
    is_told(a);
    is_told(b);
    snprintf(expected, sizeof expected, "%s/sub", argv[1]);
    check_text(origin_of(a), expected);
    check_text(in_constructor(a), expected);
    snprintf(expected, sizeof expected, "%s/./sub", argv[1]);
    check_text(origin_of(b), expected);
    check_text(in_constructor(b), expected);
    closed(a);
    closed(b);
    say("ok\n");
}
