#include "../parts/dl.h"
#include <sys/wait.h>

__attribute__((constructor)) static void forks(void)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(5);
        void *b = opened("libb.so", RTLD_NOW);
        check_eq(((int (*)(long))found(b, "b_check"))(4), 0);
        closed(opened("liba.so", RTLD_NOW));
        closed(b);
        say("child has opened\n");
        _exit(0);
    }
    int status;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 0);
}
