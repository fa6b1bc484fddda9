#include <cstdio>
namespace {
struct Speaks {
    const char *name;
    explicit Speaks(const char *given) : name(given) { dprintf(1, "%s constructed\n", name); }
    ~Speaks() { dprintf(1, "%s destroyed\n", name); }
};
Speaks first("first"), second("second");
}
extern "C" void use()
{
    static Speaks local("local");
}
