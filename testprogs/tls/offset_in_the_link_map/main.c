//@ about: The link map tells debuggers (libthread_db) how far below the thread pointer an object's static TLS begins, and its module.
//@ axes: cc=gcc,clang ld=bfd,lld opt=-O2 pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = lib.c -DNAME=a -DALIGN=64
//@ build: libb.so = lib.c -DNAME=b -DALIGN=16
//@ build: prog = main.c -D_GNU_SOURCE -L. -l:liba.so -l:libb.so
//@ stdout: program liba libb

#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>

void *block_of_a(void);
void *block_of_b(void);
static __thread _Alignas(256) char block[256];

// {bits, elements, offset} of a field of struct link_map, which libc.so.6 carries for libthread_db from 2.34 on.
static uint64_t field(const char *name, struct link_map *map)
{
    const uint32_t *descriptor = dlsym(RTLD_DEFAULT, name);
    return descriptor ? *(uint64_t *)((char *)map + descriptor[2]) : 0;
}

static int is_told(const char *name, void *block)
{
    struct link_map *map = dlopen(name, RTLD_NOW);
    size_t module;
    if (!map || dlinfo(map, RTLD_DI_TLS_MODID, &module))
        return 0;
    uint64_t pointer = (uint64_t)__builtin_thread_pointer();
    return pointer - field("_thread_db_link_map_l_tls_offset", map) == (uint64_t)block
        && field("_thread_db_link_map_l_tls_modid", map) == module;
}

int main(void)
{
    printf("%s %s %s\n", is_told(NULL, block) ? "program" : "-", is_told("liba.so", block_of_a()) ? "liba" : "-",
           is_told("libb.so", block_of_b()) ? "libb" : "-");
}
