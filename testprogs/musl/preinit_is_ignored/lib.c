#include <stdio.h>
#include <string.h>
__attribute__((constructor)) static void begins(int argc, char **argv, char **envp)
{
    if (argc < 0 || argc > 9 || (unsigned long)argv < 4096 || (unsigned long)envp < 4096)
        return;
    for (; *envp; envp++)
        if (strncmp(*envp, "GREETING=", 9) == 0)
            dprintf(1, "constructor %d %s %s\n", argc, argv[2], *envp + 9);
}
