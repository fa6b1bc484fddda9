//@ about: The chain and state that debuggers read: consistent before and after dlopen and dlclose, the object in the chain between.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c -fPIC
//@ stdout: ok

#include "../parts/dl.h"

static bool in_chain(const char *file)
{
    struct link_map *before = NULL;
    bool seen = false;
    for (struct link_map *map = _r_debug.r_map; map; before = map, map = map->l_next) {
        check_eq(map->l_prev, before);
        seen |= ends_with(map->l_name, file);
    }
    return seen;
}

// -fPIC: a copy of _r_debug in the program would not change.
int main(void)
{
    check(_r_debug.r_version >= 1);
    check_eq(_r_debug.r_state, RT_CONSISTENT);
    check(_r_debug.r_brk && _r_debug.r_ldbase);
    check_text(_r_debug.r_map->l_name, "");
    check(!in_chain("/liba.so"));
    void *a = opened("liba.so", RTLD_NOW);
    check(in_chain("/liba.so"));
    check_eq(_r_debug.r_state, RT_CONSISTENT);
    closed(a);
    check(!in_chain("/liba.so"));
    check_eq(_r_debug.r_state, RT_CONSISTENT);
    struct link_map *self = (struct link_map *)dlopen(NULL, RTLD_LAZY);
    // Not the same map in direct mode: the debugger's has to tell the program's path.
    check_eq(self->l_addr, _r_debug.r_map->l_addr);
    check_eq(self->l_ld, _r_debug.r_map->l_ld);
    say("ok\n");
}
