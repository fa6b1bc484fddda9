/* How deep calls go into a stack that is painted before each: a line for each call. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (128 * 1024)
#define PAINT 0xa5

static unsigned char *stack;
static const char *name;
static int mode;
static void *handle, *address;

static long depth(void (*function)(void))
{
    memset(stack, PAINT, SIZE);
    __asm__ volatile("mov %%rsp, %%rbx\n\tmov %0, %%rsp\n\tcall *%1\n\tmov %%rbx, %%rsp"
                     : : "r"(stack + SIZE), "r"(function)
                     : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
    long untouched = 0;
    while (untouched < SIZE && stack[untouched] == PAINT)
        untouched++;
    return SIZE - untouched;
}

static void opens(void) { handle = dlopen(name, mode); }
static void closes(void) { dlclose(handle); }
static void finds(void) { address = dlsym(handle, name); }
static void finds_version(void) { address = dlvsym(handle, name, "V1"); }
static void finds_default(void) { address = dlsym(RTLD_DEFAULT, name); }
static void finds_next(void) { address = dlsym(RTLD_NEXT, name); }
static void asks_error(void) { dlerror(); }
static void describes(void) { Dl_info info; dladdr(address, &info); }
static void describes_map(void) { Dl_info info; void *map; dladdr1(address, &info, &map, RTLD_DL_LINKMAP); }
static void asks_info(void) { void *map; dlinfo(handle, RTLD_DI_LINKMAP, &map); }
static int sees(struct dl_phdr_info *info, size_t size, void *data) { return (void)info, (void)size, (void)data, 0; }
static void iterates(void) { dl_iterate_phdr(sees, NULL); }
static void calls(void) { ((int (*)(void))address)(); }
static void *nothing(void *unused) { return unused; }
static void makes_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, nothing, NULL);
    pthread_join(thread, NULL);
}

static void line(const char *what, const char *of, long bytes) { printf("%ld %s %s\n", bytes, what, of); }

static void open_and_close(const char *library, int flags)
{
    name = library;
    mode = flags;
    char text[400];
    snprintf(text, sizeof text, "%s, mode %x", library ? library : "the program", flags);
    line("dlopen", text, depth(opens));
    if (handle)
        line("dlclose", text, depth(closes));
    else
        line("dlerror", text, depth(asks_error));
}

static void find(const char *symbol, void (*how)(void), const char *what)
{
    name = symbol;
    line(what, symbol, depth(how));
}

static void keep(const char *library, int flags)
{
    name = library;
    mode = flags;
    opens();
}

int main(int count, char **arguments)
{
    stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    depth(iterates);
    line("dl_iterate_phdr", "", depth(iterates));
    for (int at = 1; at < count; at++) {
        open_and_close(arguments[at], RTLD_NOW);
        open_and_close(arguments[at], RTLD_NOW);
        open_and_close(arguments[at], RTLD_LAZY | RTLD_GLOBAL);
        open_and_close(arguments[at], RTLD_NOW | RTLD_DEEPBIND);
        open_and_close(arguments[at], RTLD_NOW | RTLD_NOLOAD);
    }
    open_and_close(NULL, RTLD_NOW);
    keep("libv.so", RTLD_NOW);
    open_and_close("libv.so", RTLD_NOW);
    find("small", finds, "dlsym");
    line("dladdr", "small", depth(describes));
    line("dladdr1", "small", depth(describes_map));
    line("dlinfo", "small", depth(asks_info));
    find("small", finds_version, "dlvsym");
    find("nothing", finds, "dlsym");
    line("dlerror", "nothing", depth(asks_error));
    find("printf", finds_default, "dlsym default");
    find("printf", finds_next, "dlsym next");
    keep("libt.so", RTLD_NOW);
    find("variable", finds, "dlsym");
    find("touch", finds, "dlsym");
    line("first touch", "", depth(calls));
    line("touch", "", depth(calls));
    keep("liblazy.so", RTLD_LAZY);
    find("asks", finds, "dlsym");
    line("lazy call", "", depth(calls));
    depth(makes_thread);
    line("thread", "", depth(makes_thread));
    return 0;
}
