//@ about: Of the files that a process has mapped each is an object in the list: ld.so.cache is not there, after the start, a dlopen that searched it, one that failed, and in a child
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: libneedsm.so = lib.c -Wl,--no-as-needed -lm
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dynamic.h"
#include <sys/wait.h>

static struct {
    dev_t device;
    ino_t inode;
} objects[64];
static int count;

#include <sys/stat.h>

static int enter(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    struct stat file;
    const char *name = info->dlpi_name[0] ? info->dlpi_name : "./prog";
    if (stat(name, &file) == 0) { // the vdso has no file
        check(count < 64);
        objects[count].device = file.st_dev;
        objects[count++].inode = file.st_ino;
    }
    return 0;
}

// How many files are mapped; each is to be an object's.
static int files(void)
{
    char line[4096], path[4096];
    int files = 0;
    count = 0;
    dl_iterate_phdr(enter, NULL);
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps)) {
        struct stat file;
        if (sscanf(line, "%*s %*s %*s %*s %*s %4000s", path) != 1 || path[0] != '/')
            continue;
        bool known = false;
        check_eq(stat(path, &file), 0);
        for (int i = 0; i < count; i++)
            known |= objects[i].device == file.st_dev && objects[i].inode == file.st_ino;
        if (!known) {
            dprintf(2, "%s", line);
            _exit(1);
        }
        files++;
    }
    fclose(maps);
    return files;
}

int main(void)
{
    int first = files();
    check(first > 4);
    void *library = opened("libneedsm.so", RTLD_NOW); // libm.so.6 is found in the cache
    int more = files();
    check(more > first);
    check(!dlopen("libthere-is-none.so.9", RTLD_NOW));
    check(!dlopen("libthere-is-none.so.9", RTLD_NOW));
    check_eq(files(), more);
    closed(library);
    check_eq(files(), first);
    closed(opened("libm.so.6", RTLD_LAZY));
    check_eq(files(), first);
    pid_t child = fork();
    if (child == 0) {
        closed(opened("libm.so.6", RTLD_NOW));
        check_eq(files(), first);
        _exit(0);
    }
    int status = 1;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 0);
    say("ok\n");
}
