// Exceptions through several frames and a library's, rethrown in another thread; destructors of thread_local objects.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

struct Noisy {
    const char *name;
    explicit Noisy(const char *n) : name(n) { std::printf("+%s\n", name); }
    ~Noisy() { std::printf("-%s\n", name); }
};

thread_local Noisy per_thread("per thread");
static Noisy global("global");

static int deep(int n)
{
    Noisy here("frame");
    if (n == 0)
        (void)std::stoi("not a number");
    return deep(n - 1) + 1;
}

int main()
{
    std::exception_ptr carried;
    std::thread([&] {
        std::printf("%s\n", per_thread.name);
        try {
            deep(2);
        } catch (const std::invalid_argument &e) {
            std::printf("caught %s\n", e.what());
            carried = std::current_exception();
        }
    }).join();
    try {
        std::rethrow_exception(carried);
    } catch (const std::logic_error &e) {
        std::printf("carried %s\n", e.what());
    }
    try {
        std::string().at(1);
    } catch (const std::out_of_range &) {
        std::printf("out of range\n");
    }
    std::printf("%s\n", per_thread.name);
    return 0;
}
