#include "free.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
__attribute__((constructor)) static void begin(void)
{
    print("%s begins\n", TEXT(WHO));
}
__attribute__((destructor)) static void end(void)
{
    print("%s ends\n", TEXT(WHO));
}
int JOIN(WHO, _value) = 7;
