#include "origin.h"

// Of the library's own map, when its constructor runs.
static const char *at_construction;

const char *constructed_in(void)
{
    return at_construction;
}

__attribute__((constructor)) static void construct(void)
{
    struct link_map *map;
    Dl_info info;
    check(dladdr1(&at_construction, &info, (void **)&map, RTLD_DL_LINKMAP));
    at_construction = origin_of(map);
}
