#define _GNU_SOURCE
#include <fenv.h>
#include <float.h>
#include <pthread.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <stropts.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

size_t __freadahead(FILE *);
const char *__freadptr(FILE *, size_t *);
void __freadptrinc(FILE *, size_t);
void __fseterr(FILE *);
int __flt_rounds(void);
int issetugid(void);
int posix_close(int, int);
int tcgetwinsize(int, struct winsize *);
int fpurge(FILE *);
int isastream(int);
pid_t gettid(void);

static int child;
static void at_exit(void) { puts("at exit"), fflush(stdout); }
static void before(void) { puts("before"), fflush(stdout); }
static void in_parent(void) { child = 1; }
static void in_child(void) { child = 7; }

int run(void)
{
    int exits = atexit(at_exit), quick = at_quick_exit(at_exit), forks = pthread_atfork(before, in_parent, in_child);
    printf("handlers %d %d %d\n", exits, quick, forks);

    char text[8];
    size_t copied = strlcpy(text, "hello", 4);
    printf("strlcpy %zu %s, ", copied, text);
    copied = strlcat(text, "hello", sizeof text);
    printf("strlcat %zu %s\n", copied, text);

    FILE *file = fopen("six", "w+");
    fputs("hello!", file), rewind(file), fgetc(file);
    size_t ahead = __freadahead(file), size = 0;
    const char *at = __freadptr(file, &size);
    printf("ahead %zu %.*s, ", ahead, (int)size, at);
    __freadptrinc(file, size);
    int purged = fpurge(file);
    __fseterr(file);
    printf("purged %d, error %s\n", purged, ferror(file) && __freadahead(file) == 0 ? "set" : "not set");

    int nearest = __flt_rounds();
    fesetround(FE_UPWARD);
    int up = __flt_rounds();
    fesetround(FE_TONEAREST);
    printf("rounds %d %d, thread is %s, %s\n", nearest, up, gettid() == getpid() ? "its process" : "another",
           issetugid() ? "set-user-ID" : "not set-user-ID");

    int ends[2];
    struct winsize window;
    if (pipe(ends))
        return 1;
    int closed = posix_close(ends[0], 0), again = posix_close(ends[0], 0), sized = tcgetwinsize(ends[1], &window);
    printf("closed %d %d, window %d, stream %d\n", closed, again, sized, isastream(ends[1]));
    struct stat facts;
    printf("stat %d %d %d %d %d\n", stat("six", &facts), lstat("six", &facts), fstat(ends[1], &facts),
           fstatat(-100, "six", &facts, 0), mknod("six", S_IFREG, 0));
    fflush(stdout);

    int status = 0;
    pid_t forked = fork();
    if (forked == 0)
        _exit(child);
    waitpid(forked, &status, 0);
    printf("%s, child %d\n", child == 1 ? "parent" : "nobody", WEXITSTATUS(status));
    return 0;
}
