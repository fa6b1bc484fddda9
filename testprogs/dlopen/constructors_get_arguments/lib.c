#include <stdio.h>
#include <string.h>

void old_init(int argc, char **argv, char **envp)
{
    (void)envp;
    dprintf(1, "init %d %s\n", argc, argv[argc - 1]);
}
__attribute__((constructor)) static void constructor(int argc, char **argv, char **envp)
{
    while (*envp && strncmp(*envp, "MARK=", 5) != 0)
        envp++;
    dprintf(1, "constructor %d %s %s\n", argc, argv[argc - 1], *envp + 5);
}
__attribute__((destructor)) static void destructor(void)
{
    dprintf(1, "destructor\n");
}
void old_fini(void)
{
    dprintf(1, "fini\n");
}
