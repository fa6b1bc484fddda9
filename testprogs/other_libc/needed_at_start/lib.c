#include <stdio.h>
#include <string.h>

static _Thread_local char text[16] = "thread";

__attribute__((constructor)) static void begins(void) { printf("%s begins\n", strdup(text)), fflush(stdout); }
__attribute__((destructor)) static void ends(void) { printf("ends\n"), fflush(stdout); }

int run(void) { return printf("runs\n") < 0; }
