//@ about: DT_DEBUG of the program leads to an r_debug a debugger can walk: the program first, then its libraries, l_ld right
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ build: libb.so = lib.c -DNAME=b
//@ build: liba.so = lib.c -DNAME=a -l:libb.so
//@ build: prog = main.c -l:liba.so -l:libb.so

#include "start.h"
#include <link.h>

const void *a(void);
const void *b(void);
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

static int ends_with(const char *s, const char *tail)
{
    size_t n = length(s), m = length(tail);
    return n >= m && same(s + n - m, tail);
}

int main(int argc, char **argv, char **envp)
{
    const Elf64_Dyn *d = _DYNAMIC;
    while (d->d_tag != DT_DEBUG) {
        check(d->d_tag != DT_NULL);
        d++;
    }
    const struct r_debug *debug = (const struct r_debug *)d->d_un.d_ptr;
    check(debug && debug->r_version >= 1 && debug->r_map && debug->r_brk && debug->r_ldbase);
    check_eq(debug->r_state, RT_CONSISTENT);

    const struct link_map *map = debug->r_map;
    check_eq(map->l_prev, 0);
    check_eq(map->l_ld, _DYNAMIC);
    check_eq(map->l_addr, __ehdr_start.e_type == ET_DYN ? (unsigned long)&__ehdr_start : 0);
    const char *order = "?";
    for (const struct link_map *last = map; (map = map->l_next); last = map) {
        check_eq(map->l_prev, last);
        check(map->l_name && map->l_ld);
        if (ends_with(map->l_name, "/liba.so")) {
            check_eq(map->l_ld, a());
            check(order[0] == '?');
            order = "a";
        } else if (ends_with(map->l_name, "/libb.so")) {
            check_eq(map->l_ld, b());
            check(order[0] == 'a');
            order = "b";
        }
    }
    check(order[0] == 'b');
    exit_group(0);
}
