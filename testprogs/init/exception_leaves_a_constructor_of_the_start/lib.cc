#include <unistd.h>

struct told {
    ~told() { (void)!write(1, "not unwound\n", 12); }
};
__attribute__((constructor)) static void throws()
{
    told told;
    (void)!write(1, "the constructor throws\n", 23);
    throw 5;
}
