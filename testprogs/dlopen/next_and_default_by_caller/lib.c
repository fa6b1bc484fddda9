#include "../parts/dl.h"

const char *name(void)
{
    return WHO;
}
#ifdef ASKS
typedef const char *ask(void);
const char *local(void)
{
    return "local";
}
const char *next(void)
{
    return ((ask *)found(RTLD_NEXT, "name"))();
}
const char *default_of_all(void)
{
    return ((ask *)found(RTLD_DEFAULT, "name"))();
}
const char *default_of_own(void)
{
    return ((ask *)found(RTLD_DEFAULT, "local"))();
}
#endif
