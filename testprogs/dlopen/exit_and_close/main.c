//@ about: exit and dlclose at once: a library whose destructors exit runs stays mapped though another thread gives its last handle back; what dlclose has begun is done before exit ends the process; exit in a destructor of dlclose runs the other destructors. Each runs once.
//@ libc: glibc
//@ build: libb.so = lib.c -DWHO="b"
//@ build: liba.so = lib.c -DWHO="a" -DSLOW -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: exit
//@ stdout: a ends
//@ stdout: a has ended
//@ stdout: b ends
//@ stdout: b has ended
//@ stdout: dlclose
//@ stdout: a ends
//@ stdout: a has ended
//@ stdout: b ends
//@ stdout: b has ended
//@ stdout: dlclose that exits
//@ stdout: a ends
//@ stdout: b ends
//@ stdout: b has ended
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/wait.h>

atomic_int ending;
void *first;
int slow = 50, leaves;

static void *closes(void *handle)
{
    while (!atomic_load(&ending))
        usleep(100);
    closed(handle);
    return NULL;
}
static void *closes_now(void *handle)
{
    closed(handle);
    return NULL;
}

static void in_child(const char *name, void (*body)(void *))
{
    say("%s\n", name);
    pid_t child = fork();
    if (child == 0) {
        alarm(5);
        body(opened("liba.so", RTLD_NOW));
        exit(6);
    }
    int status;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 6 << 8);
}
static void exits_first(void *a)
{
    started(closes, a);
}
static void closes_first(void *a)
{
    started(closes_now, a);
    while (!atomic_load(&ending))
        usleep(100);
}
static void closes_and_exits(void *a)
{
    leaves = 1;
    closed(a);
}

int main(void)
{
    in_child("exit", exits_first);
    in_child("dlclose", closes_first);
    in_child("dlclose that exits", closes_and_exits);
    say("ok\n");
}
