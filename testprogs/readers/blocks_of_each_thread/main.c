//@ about: A leak checker finds thread-local variables by the bounds of static TLS (_dl_get_tls_static_info) and by the DTV, in each thread, of start-up's modules and of opened ones, as LSan looks
//@ axes: ld=bfd,lld pie=pie,nopie
//@ libc: glibc
//@ build: libs.so = ../../start/data_limit/lib.c -Dplace=start_place
//@ build: liba.so = ../../start/data_limit/lib.c
//@ build: prog = main.c -l:libs.so
//@ stdout: ok

#include "../parts/dynamic.h"

void *start_place(void);
static __thread long mine = 3;
static void *library;

// A DTV begins with its generation; entry m has the block of module m.
struct entry {
    char *block;
    void *to_free;
};

struct block {
    char *start;
    size_t size, module;
};

static struct block blocks[16];

static int enter(struct dl_phdr_info *info, size_t size, void *arg)
{
    int *count = (int *)arg;
    check(size >= sizeof *info);
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_TLS && info->dlpi_tls_data) {
            check(*count < 16);
            blocks[(*count)++] =
                (struct block){(char *)info->dlpi_tls_data, info->dlpi_phdr[i].p_memsz, info->dlpi_tls_modid};
        }
    return 0;
}

static bool is_in(const struct block *block, const void *address)
{
    return (size_t)((const char *)address - block->start) < block->size;
}

static void *scan(void *unused)
{
    size_t size = 0, align = 0;
    void (*bounds)(size_t *, size_t *) = (void (*)(size_t *, size_t *))found(RTLD_DEFAULT, "_dl_get_tls_static_info");
    bounds(&size, &align);
    void *opened_place = ((void *(*)(void))found(library, "place"))();
    const void *wanted[] = {&mine, start_place(), opened_place, &errno};
    char *self = (char *)pthread_self();
    check(align && (uintptr_t)self % align == 0);
    // The end of what is static is behind the descriptor, which holds more than 0x500 bytes.
    for (int i = 0; i < 4; i++)
        check(i == 2 || ((char *)wanted[i] < self && (char *)wanted[i] >= self + 0x500 - size));
    const struct entry *dtv = *(const struct entry **)(self + 8);
    int count = 0, hits = 0;
    dl_iterate_phdr(enter, &count);
    check(count >= 4);
    for (int i = 0; i < count; i++) {
        check_eq(dtv[blocks[i].module].block, blocks[i].start);
        for (int j = 0; j < 4; j++)
            hits += is_in(&blocks[i], wanted[j]);
    }
    check_eq(hits, 4);
    return unused;
}

int main(void)
{
    pthread_t thread;
    library = opened("liba.so", RTLD_NOW);
    check_eq(mine, 3);
    scan(NULL);
    check_eq(pthread_create(&thread, NULL, scan, NULL), 0);
    check_eq(pthread_join(thread, NULL), 0);
    say("ok\n");
}
