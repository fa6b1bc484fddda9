//@ about: Of a library whose program headers lie in no segment dl_iterate_phdr, dlinfo and the link map's memory tell those of its file, at start-up and opened, so that exceptions pass through it
//@ axes: opt=-O0,-O2
//@ libc: glibc
//@ build: libs.so = lib.c -fexceptions -Dwho=s
//@ build: liba.so = lib.c -fexceptions -Dwho=a
//@ build: prog = main.c -fexceptions -Wl,--no-as-needed -l:libs.so
//@ sh: sh $SRC/move.sh libs.so && sh $SRC/move.sh liba.so
//@ stdout: ok

#include "../parts/dynamic.h"
#include <unwind.h>

#ifndef RTLD_DI_PHDR
#define RTLD_DI_PHDR 11
#endif

void s(void (*callback)(void));

static const ElfW(Phdr) *table;
static int headers, frames;
static const char *wanted;

static int search(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    if (ends_with(info->dlpi_name, wanted)) {
        table = info->dlpi_phdr;
        headers = info->dlpi_phnum;
    }
    return 0;
}

static _Unwind_Reason_Code frame(struct _Unwind_Context *context, void *arg)
{
    (void)context, (void)arg;
    frames++;
    return _URC_NO_REASON;
}

static void depth(void)
{
    frames = 0;
    _Unwind_Backtrace(frame, NULL);
}

static void is_complete(const char *name, void *handle, void (*through)(void (*)(void)))
{
    int kinds[2] = {0, 0};
    ElfW(Ehdr) header;
    static ElfW(Phdr) of_the_file[64];
    wanted = name, headers = 0, table = NULL;
    dl_iterate_phdr(search, NULL);
    check(table && headers > 0);
    int file = open(name + 1, O_RDONLY);
    check_eq(pread(file, &header, sizeof header, 0), sizeof header);
    check_eq(header.e_phnum, headers);
    check(headers <= 64);
    check_eq(pread(file, of_the_file, headers * sizeof *table, header.e_phoff), headers * sizeof *table);
    close(file);
    check_eq(memcmp(of_the_file, table, headers * sizeof *table), 0);
    for (int i = 0; i < headers; i++) {
        kinds[0] += table[i].p_type == PT_LOAD;
        kinds[1] += table[i].p_type == PT_DYNAMIC;
    }
    check(kinds[0] > 1);
    check_eq(kinds[1], 1);
    const ElfW(Phdr) *told = NULL;
    check_eq(dlinfo(handle, RTLD_DI_PHDR, &told), headers);
    check_eq(told, table);
    depth();
    int before = frames;
    through(depth);
    check_eq(frames, before + 1);
}

int main(void)
{
    void *first = opened("libs.so", RTLD_NOW | RTLD_NOLOAD), *library = opened("liba.so", RTLD_NOW);
    is_complete("/libs.so", first, s);
    is_complete("/liba.so", library, (void (*)(void (*)(void)))found(library, "a"));
    say("ok\n");
}
