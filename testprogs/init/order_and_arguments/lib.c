#define LIBRARY
#include "arguments.h"

int a(void) { return 0; }

void a_init(int argc, char **argv, char **envp)
{
    check_arguments(argc, argv, envp);
    print("library init\n");
}
static void first(int argc, char **argv, char **envp)
{
    check_arguments(argc, argv, envp);
    print("library first\n");
}
static void second(int argc, char **argv, char **envp)
{
    check_arguments(argc, argv, envp);
    print("library second\n");
}
__attribute__((section(".init_array"), used)) static void *const init[] = {first, second};
