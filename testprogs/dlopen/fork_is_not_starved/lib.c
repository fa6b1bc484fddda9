#include <unistd.h>
__attribute__((constructor)) static void begin(void)
{
    usleep(2000);
}
__attribute__((destructor)) static void end(void)
{
    usleep(2000);
}
