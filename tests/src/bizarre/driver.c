// Opens each library of a list in a process of its own and says what becomes of it: the error, or the order of its
// constructors, where each symbol is found and what its function returns, and the order of its destructors.
// usage: driver LIST     lines: `L FILE MODE`, `S NAME HOW`, `V NAME VERSION`, `E` (what stands since L is to be tried)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char notes[256];
int shared_datum = 1000;
int answer(void) { return 4711; }

void note(int number)
{
    size_t at = strlen(notes);
    if (at < sizeof notes - 8)
        snprintf(notes + at, 8, " %d", number);
}

static void tell(const char *what)
{
    printf("  %s:%s\n", what, notes);
    notes[0] = 0;
}

// As distance from the object's beginning where it lies there.
static void where(const char *name, char *address, struct link_map *map)
{
    unsigned long at = (unsigned long)address;
    Dl_info info;
    struct link_map *of = 0;
    if (!address)
        printf("  %.40s: null", name);
    else if (at == 0x1888)
        printf("  %.40s: absolute", name);
    // glibc asks the kernel for the very addresses of the file at times, and has them.
    else if (at - map->l_addr == 0x1234 || dladdr1(address, &info, (void **)&of, RTLD_DL_LINKMAP) && of == map)
        printf("  %.40s: +%lx", name, at - map->l_addr);
    else
        printf("  %.40s: elsewhere", name);
}

static void try(char *lines)
{
    char *save, *line = strtok_r(lines, "\n", &save), file[256], name[8192], version[64];
    int mode, how;
    sscanf(line, "L %255s %d", file, &mode);
    void *handle = dlopen(file, mode);
    if (!handle) {
        printf("  refused: %s\n", dlerror());
        return;
    }
    tell("constructed");
    while ((line = strtok_r(0, "\n", &save))) {
        if (sscanf(line, "S %8191s %d", name, &how) == 2) {
            char *address = dlsym(handle, name);
            where(name, address, handle);
            if (address && how == 1)
                printf(" returns %d", ((int (*)(void))address)());
            if (address && how == 2)
                printf(" holds %d", *(int *)address);
        } else if (sscanf(line, "V %8191s %63s", name, version) == 2) {
            where(name, dlvsym(handle, name, version), handle);
            printf(" in %s", version);
        }
        putchar('\n');
    }
    fflush(stdout);
    printf("  closed: %d\n", dlclose(handle));
    tell("destructed");
    printf("  stays: %d\n", dlopen(file, RTLD_NOW | RTLD_NOLOAD) != 0);
}

int main(int argc, char **argv)
{
    static char line[16384], lines[1 << 17];
    FILE *list = fopen(argv[argc - 1], "r");
    setvbuf(stdout, 0, _IOFBF, 1 << 20);
    while (list && fgets(line, sizeof line, list)) {
        if (strcmp(line, "E\n")) {
            strcat(lines, line);
            continue;
        }
        printf("%.*s\n", (int)strcspn(lines, "\n"), lines);
        fflush(stdout);
        int status = 0;
        pid_t child = fork();
        if (!child) {
            alarm(10);
            try(lines);
            fflush(stdout);
            _exit(0);
        }
        waitpid(child, &status, 0);
        if (status)
            printf("  died: %d\n", status);
        lines[0] = 0;
    }
    return 0;
}
