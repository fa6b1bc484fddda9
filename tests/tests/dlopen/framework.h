// What the libraries of a large C++ framework share by its headers: types whose descriptions every library has a copy
// of (vague linkage), and inline variables that must be one for all (STB_GNU_UNIQUE).
#include <stdexcept>
#include <string>

struct Failure : std::runtime_error {
    int part;
    Failure(int part) : std::runtime_error("failure of part " + std::to_string(part)), part(part) {}
};
template <class T> struct Once {
    static T &get()
    {
        static T value;
        return value;
    }
};
struct Operator {
    virtual ~Operator() = default;
    virtual long apply(long) const = 0;
};
void add(int number, Operator *);
void fail(int part);
