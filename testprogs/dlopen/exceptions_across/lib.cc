#include "kind.h"
#include <stdexcept>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

extern "C" {
int JOIN(WHO, _unwound);
void JOIN(WHO, _throw)()
{
    throw std::runtime_error("thrown by " TEXT(WHO));
}
void JOIN(WHO, _through)(void (*callback)(void *), void *arg)
{
    struct Guard {
        ~Guard() { JOIN(WHO, _unwound)++; }
    } guard;
    callback(arg);
}
int JOIN(WHO, _catch)(void (*callback)(void *), void *arg)
{
    try {
        JOIN(WHO, _through)(callback, arg);
        return 0;
    } catch (const Kind &kind) {
        return kind.number;
    } catch (const std::runtime_error &) {
        return -1;
    }
}
}
