#include <cstdio>
#include <stdexcept>

__attribute__((constructor)) static void throws()
{
    dprintf(1, "the constructor throws\n");
    throw std::runtime_error("from a constructor");
}
