// work MODE: does what its name says, and then says "fine". Between two calls of getppid lies what faults are injected into:
// with one of them it may fail, and then there must be an error and nothing left; without one it must work again.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *needed(void);
extern int words(int);

static int fail(const char *what)
{
    dprintf(1, "%s\n", what);
    _exit(3);
}

static int descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

static int mappings(const char *name)
{
    char line[512];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps))
        count += strstr(line, name) != NULL;
    if (maps)
        fclose(maps);
    return count;
}

static void *plug(void)
{
    void *handle = dlopen("libplug.so", RTLD_NOW);
    if (!handle)
        return NULL;
    const char *(*name)(void) = (const char *(*)(void))dlsym(handle, "name");
    if (!name || strcmp(name(), "right"))
        fail("decoy");
    return handle;
}

static __thread int mine = 41;

static void *thread(void *result)
{
    *(int *)result = ++mine;
    return result;
}

/// 0, or the error of pthread_create.
static int thread_runs(void)
{
    int result = 0;
    pthread_t id;
    int error = pthread_create(&id, NULL, thread, &result);
    if (!error && (pthread_join(id, NULL) || result != 42))
        fail("the thread did not run");
    return error;
}

static void begin(void) { syscall(SYS_getppid); }
static void end(void) { syscall(SYS_getppid); }

static void is_clean(int before)
{
    if (getenv("LEAKS"))
        return;
    if (descriptors() != before)
        fail("a descriptor is left");
    if (mappings("/libplug.so"))
        fail("a mapping is left");
}

static void phase(const char *mode)
{
    int before = descriptors(), error = 0;
    mappings("");
    if (!strcmp(mode, "dlopen-phase")) {
        begin();
        void *handle = plug();
        end();
        if (!handle) {
            const char *text = dlerror();
            if (!text || !*text)
                fail("no error text");
            is_clean(before);
            handle = plug();
        }
        if (!handle || dlclose(handle))
            fail("not opened without a fault");
        is_clean(before);
    } else if (!strcmp(mode, "dlclose-phase")) {
        void *handle = plug();
        begin();
        error = dlclose(handle);
        end();
        if (error)
            fail(dlerror());
        is_clean(before);
        if (!(handle = plug()) || dlclose(handle))
            fail("not opened again");
    } else {
        begin();
        error = thread_runs();
        end();
        if (error && thread_runs())
            fail("no thread without a fault");
    }
}

int main(int argc, char **argv)
{
    const char *mode = argv[argc - 1];
    if (strcmp(needed(), "right"))
        fail("decoy");
    if (words(3) != 3)
        fail("a word is wrong");
    if (strstr(mode, "phase")) {
        phase(mode);
    } else if (!strcmp(mode, "dlopen")) {
        void *handle = plug();
        if (!handle || dlclose(handle) || dlopen("libnone.so", RTLD_NOW) || !dlerror())
            fail("dlopen");
        if (!dlopen("libm.so.6", RTLD_LAZY) || !dlopen("right/libwords2.so", RTLD_NOW | RTLD_GLOBAL))
            fail(dlerror());
    } else if (!strcmp(mode, "dlsym")) {
        Dl_info info;
        if (!dlsym(RTLD_DEFAULT, "needed") || dlsym(RTLD_NEXT, "no such name") || !dlerror() || !dladdr((void *)main, &info))
            fail("dlsym");
    } else if (!strcmp(mode, "thread")) {
        if (thread_runs() || !plug() || thread_runs())
            fail("thread");
    } else if (!strcmp(mode, "fork")) {
        int status;
        pid_t child = fork();
        if (!child)
            _exit(plug() ? 0 : 1);
        if (waitpid(child, &status, 0) != child || status)
            fail("fork");
    }
    return write(1, "fine\n", 5) < -1;
}
