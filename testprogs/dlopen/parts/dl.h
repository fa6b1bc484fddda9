// What the programs about dlopen share: calls that end the test when they fail, and what can be seen of an object from
// outside (the list, the mappings), by which a claim shows that it is there or is gone.
#ifndef DL_H
#define DL_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Whether dlclose unloads: musl's only counts, and what was opened stays, with its variables, until exit.
#ifdef __GLIBC__
#define UNLOADS true
#else
#define UNLOADS false
#endif

#define unused_ok __attribute__((unused))
#define say(...) dprintf(1, __VA_ARGS__)

// Leaves at once: a failed check may stand in a constructor, a thread or a signal handler.
#define check(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            dprintf(2, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                                 \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)
#define check_eq(a, b)                                                                                                 \
    do {                                                                                                               \
        unsigned long left_ = (unsigned long)(a), right_ = (unsigned long)(b);                                         \
        if (left_ != right_) {                                                                                         \
            dprintf(2, "%s:%d: %s == %s: %#lx != %#lx\n", __FILE__, __LINE__, #a, #b, left_, right_);                  \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)
#define check_text(a, b)                                                                                               \
    do {                                                                                                               \
        const char *left_ = (a), *right_ = (b);                                                                        \
        if (!left_ || strcmp(left_, right_) != 0) {                                                                    \
            dprintf(2, "%s:%d: %s: %s, expected %s\n", __FILE__, __LINE__, #a, left_ ? left_ : "(null)", right_);      \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)
#define must(call)                                                                                                     \
    ({                                                                                                                 \
        __typeof__(call) got_ = (call);                                                                                \
        if (!got_) {                                                                                                   \
            const char *why_ = dlerror();                                                                              \
            dprintf(2, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, why_ ? why_ : "(dlerror says nothing)");          \
            _exit(1);                                                                                                  \
        }                                                                                                              \
        got_;                                                                                                          \
    })
#define opened(name, mode) must(dlopen(name, mode))
#define found(handle, name) must(dlsym(handle, name))
#define absent(handle, name) (dlerror(), dlsym(handle, name) == NULL && dlerror() != NULL)
#define closed(handle)                                                                                                 \
    do {                                                                                                               \
        if (dlclose(handle) != 0) {                                                                                    \
            dprintf(2, "%s:%d: dlclose(%s): %s\n", __FILE__, __LINE__, #handle, dlerror());                            \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

unused_ok static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

struct seen {
    const char *file;
    int count, total;
    unsigned long long adds, subs;
};
unused_ok static int see(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    struct seen *seen = (struct seen *)arg;
    seen->total++;
    seen->adds = info->dlpi_adds;
    seen->subs = info->dlpi_subs;
    if (seen->file && ends_with(info->dlpi_name, seen->file))
        seen->count++;
    return 0;
}
unused_ok static struct seen look(const char *file)
{
    struct seen seen = {.file = file};
    dl_iterate_phdr(see, &seen);
    return seen;
}
unused_ok static bool listed(const char *file)
{
    return look(file).count != 0;
}

// Lines of /proc/self/maps whose file is this one; with NULL all lines.
unused_ok static int mappings(const char *file)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4400];
    int count = 0;
    check(maps);
    while (fgets(line, sizeof line, maps)) {
        line[strcspn(line, "\n")] = 0;
        count += !file || ends_with(line, file);
    }
    fclose(maps);
    return count;
}
#define check_here(file)                                                                                               \
    do {                                                                                                               \
        check(listed(file));                                                                                           \
        check(mappings(file) > 0);                                                                                     \
    } while (0)
// After the last dlclose.
#define check_gone(file)                                                                                               \
    do {                                                                                                               \
        check(listed(file) == !UNLOADS);                                                                               \
        check_eq(mappings(file) > 0, !UNLOADS);                                                                        \
    } while (0)

unused_ok static pthread_t started(void *(*body)(void *), void *arg)
{
    pthread_t thread;
    check_eq(pthread_create(&thread, NULL, body, arg), 0);
    return thread;
}
unused_ok static void *joined(pthread_t thread)
{
    void *result;
    check_eq(pthread_join(thread, &result), 0);
    return result;
}
// Pages of the process that are in memory, counted page by page: what statm says is off by what each CPU has not told yet.
static unused_ok long resident_pages(void)
{
    char line[256];
    long kilobytes = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (fgets(line, sizeof line, file) && sscanf(line, "Rss: %ld", &kilobytes) != 1)
        continue;
    fclose(file);
    check(kilobytes > 0);
    // What the first call touched of libc is not to be counted as growth.
    static bool again;
    if (!again) {
        again = true;
        return resident_pages();
    }
    return kilobytes / 4;
}

#endif
