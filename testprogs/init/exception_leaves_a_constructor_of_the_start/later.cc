#include <unistd.h>

__attribute__((constructor)) static void later()
{
    (void)!write(1, "later\n", 6);
}
