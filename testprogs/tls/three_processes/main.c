//@ about: Three processes made by fork share the program's text and have each their own thread-local variables, in their initial thread and in one they start.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: none,musl
//@ build: liba.so = ../parts/defines.c -DWHO=a
//@ build: prog = main.c -l:liba.so
//@ stdout: process 0: 124 in the program, 122 in the library, 123 in its thread
//@ stdout: process 1: 1124 in the program, 1122 in the library, 123 in its thread
//@ stdout: process 2: 2124 in the program, 2122 in the library, 123 in its thread

#include "start.h"
#include "threads.h"

int *a_counter(void);

static __thread volatile int own = 123;
struct report {
    void *text;
    int *address;
    int program, library, thread;
};
static struct report *reports;

static void in_thread(void *arg) { ((struct report *)arg)->thread = own++; }

static void work(int number)
{
    struct report *report = &reports[number];
    struct thread thread;
    own += 1000 * number + 1;
    *a_counter() += 1000 * number - 1;
    thread_start(&thread, in_thread, report);
    thread_join(&thread);
    report->text = (void *)work;
    report->address = (int *)&own;
    report->program = own;
    report->library = *a_counter();
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    enum { READ_WRITE = 3, SHARED_ANONYMOUS = 0x21, EXITED = 0 };
    reports = (struct report *)syscall6(__NR_mmap, 0, 4096, READ_WRITE, SHARED_ANONYMOUS, -1, 0);
    for (int i = 1; i < 3; i++) {
        long child = syscall1(__NR_fork, 0);
        check(child >= 0);
        if (child == 0) {
            work(i);
            exit_group(0);
        }
    }
    for (int i = 1; i < 3; i++) {
        int status = -1;
        check(syscall6(__NR_wait4, -1, (long)&status, 0, 0, 0, 0) > 0);
        check_eq(status, EXITED);
    }
    check_eq(own, 123);
    check_eq(*a_counter(), 123);
    work(0);
    for (long i = 0; i < 3; i++) {
        check_eq(reports[i].text, reports[0].text);
        check_eq(reports[i].address, reports[0].address);
        print("process %d: %d in the program, %d in the library, %d in its thread\n", i,
              (long)reports[i].program, (long)reports[i].library, (long)reports[i].thread);
    }
    return 0;
}
