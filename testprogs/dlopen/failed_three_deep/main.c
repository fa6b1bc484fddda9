//@ about: A dlopen that fails three dependencies deep, for each reason there is, leaves the mappings, the list, the scope and the next module id as they were, line by line; then the same dlopen succeeds.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: libleaf.so = leaf.c -DHAS -Wl,--version-script=new.map
//@ build: libthree.so = part.c -DWHO=three -DUSES=leaf -Wl,--no-as-needed -l:libleaf.so
//@ build: libtwo.so = part.c -DWHO=two -DUSES=three -Wl,--no-as-needed -l:libthree.so
//@ build: libone.so = part.c -DWHO=one -DUSES=two -Wl,--no-as-needed -l:libtwo.so
//@ build: liblooks.so = looks.c
//@ sh: mv libleaf.so new
//@ build: libleaf.so = leaf.c -DHAS -Wl,--version-script=old.map
//@ sh: mv libleaf.so old
//@ build: libleaf.so = leaf.c -Wl,--version-script=new.map
//@ sh: mv libleaf.so lacks
//@ build: libleaf.so = leaf.c -DHAS -DALIGN=4096 -ftls-model=initial-exec -Wl,--version-script=new.map
//@ sh: mv libleaf.so aligned; printf 'no ELF at all, but long enough for a header of one, sixty-four bytes' > text
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ run: {dir}
//@ stdout: missing: libleaf.so: cannot open shared object file: No such file or directory
//@ stdout: old: version `V2' not found (required by libthree.so)
//@ stdout: lacks: undefined symbol: leaf, version V2
//@ stdout: aligned: cannot allocate memory in static TLS block
//@ stdout: text: invalid ELF header
//@ stdout: memory
//@ stdout: ok

#include "../parts/dl.h"
#include <fcntl.h>
#include <sys/resource.h>

static const char *dir;

// All that a failed dlopen must leave alone. What a loader keeps for itself it may have mapped before.
struct state {
    char maps[65536];
    unsigned long long objects, module;
};
static void take(struct state *state)
{
    struct seen seen = look(NULL);
    check_eq(seen.adds - seen.subs, seen.total);
    state->objects = seen.adds - seen.subs;
    // The next library to come gets the next id, and sees nothing of what failed.
    void *looks = opened("liblooks.so", RTLD_NOW);
    size_t module;
    check_eq(dlinfo(looks, RTLD_DI_TLS_MODID, &module), 0);
    state->module = module;
    check(!((void *(*)(void))found(looks, "sees_two"))());
    closed(looks);
    check(absent(RTLD_DEFAULT, "one") && absent(RTLD_DEFAULT, "leaf"));
    int file = open("/proc/self/maps", O_RDONLY);
    size_t length = 0;
    for (ssize_t got; (got = read(file, state->maps + length, sizeof state->maps - 1 - length)) > 0;)
        length += (size_t)got;
    close(file);
    state->maps[length] = 0;
}
static struct state before, after;

static void fails(const char *leaf, rlim_t room)
{
    struct rlimit limit;
    char text[9000];
    unlink("libleaf.so");
    if (leaf)
        check_eq(link(leaf, "libleaf.so"), 0);
    for (int round = 0; round < 4; round++) {
        if (round == 1)
            take(&before);
        check_eq(getrlimit(RLIMIT_AS, &limit), 0);
        rlim_t full = limit.rlim_cur;
        if (room) {
            limit.rlim_cur = room;
            check_eq(setrlimit(RLIMIT_AS, &limit), 0);
        }
        check(!dlopen("libone.so", RTLD_NOW | RTLD_GLOBAL));
        snprintf(text, sizeof text, "%s", must(dlerror()));
        limit.rlim_cur = full;
        check_eq(setrlimit(RLIMIT_AS, &limit), 0);
        if (round) {
            take(&after);
            check_eq(after.objects, before.objects);
            check_eq(after.module, before.module);
            check_text(after.maps, before.maps);
        }
    }
    if (room)
        return;
    // Without the folder, which differs from place to place.
    for (char *at; (at = strstr(text, dir));)
        memmove(at, at + strlen(dir) + 1, strlen(at + strlen(dir) + 1) + 1);
    char *from = leaf ? text + strlen("libleaf.so: ") : text;
    if (leaf && strcmp(leaf, "lacks") == 0)
        from = text + strlen("libthree.so: ");
    say("%s: %s\n", leaf ? leaf : "missing", from);
}

int main(int argc, char **argv)
{
    (void)argc;
    dir = argv[1];
    fails(NULL, 0);
    fails("old", 0);
    fails("lacks", 0);
    fails("aligned", 0);
    fails("text", 0);
    // Room for two of the four.
    long pages;
    FILE *file = fopen("/proc/self/statm", "r");
    check_eq(fscanf(file, "%ld", &pages), 1);
    fclose(file);
    fails("new", (rlim_t)(pages + 12) * 4096);
    say("memory\n");
    void *one = opened("libone.so", RTLD_NOW | RTLD_GLOBAL);
    check_eq(((int (*)(void))found(one, "one"))(), 5);
    check_eq(((int (*)(void))found(one, "leaf"))(), 2);
    closed(one);
    check_gone("/libleaf.so");
    say("ok\n");
}
