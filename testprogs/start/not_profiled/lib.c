#include <unistd.h>

int a(void) { return getppid() > 0; }
