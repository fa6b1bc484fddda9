// The library below all: the registry that every other one's constructors fill.
#include "framework.h"
#include <map>

static std::map<int, Operator *> &registry()
{
    static std::map<int, Operator *> all;
    return all;
}
void add(int number, Operator *one)
{
    registry()[number] = one;
}
void fail(int part)
{
    throw Failure(part);
}
extern "C" long end_of_left(long)
{
    return 0;
}
extern "C" long end_of_right(long)
{
    return 0;
}
extern "C" long registered()
{
    return long(registry().size());
}
extern "C" long apply_all(long to)
{
    for (auto &one : registry())
        to = one.second->apply(to) % 1000003;
    return to;
}
extern "C" long shared_count()
{
    return Once<long>::get();
}
