#include "../parts/dynamic.h"

static int value, *own = &value;
int **to_own = &own;

// Before anybody else sees the library.
__attribute__((constructor)) static void constructor(void)
{
    Dl_info info;
    struct link_map *map;
    check(dladdr1(&value, &info, (void **)&map, RTLD_DL_LINKMAP));
    check_eq(map->l_ld, _DYNAMIC);
    check_relocated(info.dli_fname, _DYNAMIC, map->l_addr, 4);
    say("");
}
