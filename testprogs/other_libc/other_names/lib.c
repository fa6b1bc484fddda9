#define _GNU_SOURCE
#include <errno.h>
#include <langinfo.h>
#include <libgen.h>
#include <math.h>
#include <resolv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **___environ;
char *__nl_langinfo(nl_item);

static int blocked(void)
{
    sigset_t set;
    sigprocmask(SIG_BLOCK, 0, &set);
    return sigismember(&set, SIGUSR1);
}

int run(void)
{
    char slash[] = "/usr/lib//", nothing[] = "", root[] = "//", text[64];
    printf("%s ", basename(slash));
    printf("%s ", basename(nothing));
    printf("%s\n", basename(root));
    printf("strerror_r %d\n", strerror_r(ENOENT, text, sizeof text));
    sigset_t one;
    sigemptyset(&one), sigaddset(&one, SIGUSR1);
    jmp_buf plain;
    sigjmp_buf saving;
    volatile int first = -1, second = -1;
    if (setjmp(plain) == 0) {
        sigprocmask(SIG_BLOCK, &one, 0);
        longjmp(plain, 1);
    }
    first = blocked();
    sigprocmask(SIG_UNBLOCK, &one, 0);
    if (sigsetjmp(saving, 1) == 0) {
        sigprocmask(SIG_BLOCK, &one, 0);
        siglongjmp(saving, 1);
    }
    second = blocked();
    printf("mask %d after setjmp, %d after sigsetjmp\n", first, second);
    printf("environment %s\n", ___environ && ___environ[0] ? "there" : "lacking");
    printf("nl_langinfo %s\n", strcmp(__nl_langinfo(RADIXCHAR), nl_langinfo(RADIXCHAR)) ? "differs" : "the same");
    printf("pow10 %g, res_init %d\n", pow10(3), res_init());
    return 0;
}
