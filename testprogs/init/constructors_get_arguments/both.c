#include <stdio.h>
#include <stdlib.h>

extern char **environ;

__attribute__((constructor)) static void start(int argc, char **argv, char **envp)
{
    printf("%s %d %s %s %s\n", NAME, argc, argv[0], argv[2], envp == environ ? getenv("GREETING") : "environ differs");
}
