#ifndef LOCAL
#define LOCAL
#endif

LOCAL int made;

#ifdef CONSTRUCTOR
__attribute__((constructor)) static void make(void)
{
    made++;
}
#endif

int value(void)
{
    return made;
}
