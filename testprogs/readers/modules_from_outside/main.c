//@ about: From outside, by auxv, PT_DYNAMIC, DT_DEBUG and r_map, a debugger finds the objects that the process itself knows, each with its name, its bias, its dynamic section and its soname, as gdb, elfutils and breakpad do
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: libs.so = ../cache_is_unmapped/lib.c -Wl,-soname,libs.so.4
//@ build: liba.so = ../cache_is_unmapped/lib.c -Wl,-soname,liba.so.5
//@ build: prog = main.c -Wl,--no-as-needed -l:libs.so
//@ sh: ln -s libs.so libs.so.4
//@ stdout: ok

#include "../parts/dynamic.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

static pid_t child;

// As breakpad's and elfutils' readers: nothing but the other's memory.
static void read_memory(void *to, const void *from, size_t size)
{
    struct iovec local = {to, size}, remote = {(void *)from, size};
    check_eq(process_vm_readv(child, &local, 1, &remote, 1, 0), size);
}

static void read_text(char *to, const char *from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        read_memory(to + i, from + i, 1);
        if (!to[i])
            return;
    }
    check(!"a text that ends");
}

static ElfW(Addr) remote_value(const ElfW(Dyn) *section, long tag)
{
    for (ElfW(Dyn) entry;; section++) {
        read_memory(&entry, section, sizeof entry);
        if (entry.d_tag == tag)
            return entry.d_un.d_val;
        if (entry.d_tag == DT_NULL)
            return 0;
    }
}

static struct {
    ElfW(Addr) bias;
    const char *name;
    int seen;
} known[32];
static int count;

static int enter(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    check(count < 32);
    known[count].bias = info->dlpi_addr;
    known[count++].name = info->dlpi_name;
    return 0;
}

static ElfW(Addr) aux(int key)
{
    char path[64];
    ElfW(auxv_t) entry;
    ElfW(Addr) value = 0;
    snprintf(path, sizeof path, "/proc/%d/auxv", child);
    int file = open(path, O_RDONLY);
    while (read(file, &entry, sizeof entry) == sizeof entry && entry.a_type != AT_NULL)
        if (entry.a_type == (unsigned long)key)
            value = entry.a_un.a_val;
    close(file);
    return value;
}

// DT_DEBUG by what the kernel tells of the program.
static struct r_debug debug_of_child(void)
{
    // In direct mode the kernel tells of the loader: the program's headers are those of its own auxv in memory.
    ElfW(Addr) headers = aux(AT_BASE) ? aux(AT_PHDR) : getauxval(AT_PHDR), bias = 0, dynamic = 0;
    ElfW(Phdr) header;
    for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) {
        read_memory(&header, (ElfW(Phdr) *)headers + i, sizeof header);
        if (header.p_type == PT_PHDR)
            bias = headers - header.p_vaddr;
        if (header.p_type == PT_DYNAMIC)
            dynamic = header.p_vaddr;
    }
    struct r_debug debug;
    read_memory(&debug, (void *)remote_value((ElfW(Dyn) *)(bias + dynamic), DT_DEBUG), sizeof debug);
    return debug;
}

int main(void)
{
    void *library = opened("liba.so", RTLD_NOW);
    dl_iterate_phdr(enter, NULL);
    check(count >= 5);
    prctl(PR_SET_DUMPABLE, 1);
    child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    struct r_debug debug = debug_of_child();
    check(debug.r_version >= 1);
    check_eq(debug.r_state, RT_CONSISTENT);
    Dl_info info;
    check(debug.r_brk && dladdr((void *)debug.r_brk, &info) && strstr(info.dli_fname, "/ld-"));
    check_eq(debug.r_ldbase, info.dli_fbase);
    struct link_map map;
    const struct link_map *at = debug.r_map, *before = NULL;
    int sonames = 0;
    for (; at; before = at, at = map.l_next) {
        char name[4096], soname[256];
        read_memory(&map, at, sizeof map);
        check_eq(map.l_prev, before);
        read_text(name, map.l_name, sizeof name);
        for (int i = 0; i < count; i++)
            if (known[i].bias == map.l_addr && (!known[i].name[0] || strcmp(known[i].name, name) == 0))
                known[i].seen++;
        ElfW(Addr) offset = remote_value(map.l_ld, DT_SONAME);
        ElfW(Addr) strings = remote_value(map.l_ld, DT_STRTAB);
        if (offset && !strstr(name, "vdso")) {
            read_text(soname, (char *)strings + offset, sizeof soname);
            sonames += strcmp(soname, "liba.so.5") == 0 && ends_with(name, "/liba.so");
            sonames += strcmp(soname, "libs.so.4") == 0 && ends_with(name, "/libs.so.4");
            sonames += strcmp(soname, "libc.so.6") == 0 && ends_with(name, "/libc.so.6");
        }
        if (strstr(name, "vdso"))
            check_eq(map.l_addr, getauxval(AT_SYSINFO_EHDR));
    }
    for (int i = 0; i < count; i++)
        if (!known[i].seen) {
            dprintf(2, "not in the list: %s\n", known[i].name);
            return 1;
        }
    check_eq(sonames, 3);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    closed(library);
    say("ok\n");
}
