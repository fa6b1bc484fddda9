// The directory that an object's link map leads to.
#include "../../dlopen/parts/dl.h"

static int base_of(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct link_map *map = ((struct link_map **)arg)[0];
    (void)size;
    if (info->dlpi_addr != map->l_addr || strcmp(info->dlpi_name, map->l_name) != 0)
        return 0;
    uintptr_t low = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_vaddr < low)
            low = info->dlpi_phdr[i].p_vaddr;
    ((uintptr_t *)arg)[1] = map->l_addr + (low & -4096UL);
    return 1;
}

// The place differs by version: it is found by what stands behind it, the bounds of the mapping.
unused_ok static const char *origin_of(struct link_map *map)
{
    uintptr_t found[2] = {(uintptr_t)map, 0}, *words = (uintptr_t *)map;
    check(dl_iterate_phdr(base_of, found) == 1);
    for (size_t i = 80; i < 120; i++)
        if (words[i + 1] == found[1] && words[i + 2] > found[1] && words[i + 2] - found[1] < 1 << 24)
            return (const char *)words[i];
    check(!"l_map_start");
    return NULL;
}
