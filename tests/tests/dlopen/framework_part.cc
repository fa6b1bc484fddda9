// One of three hundred libraries; its number and the names of its functions are put in after compilation.
#include "framework.h"

extern "C" __attribute__((visibility("hidden"))) int number;
extern "C" long left(long), right(long);
static thread_local long calls;
thread_local std::string last = "none";
namespace {
struct Own : Operator {
    long apply(long to) const override { return to * 31 + number; }
};
Own own;
struct Register {
    Register()
    {
        add(number, &own);
        Once<long>::get()++;
    }
} registers;
}
// Sum over the parts below of their numbers, times the calls in this thread; fails for a negative argument and puts
// what it caught from below into its own thread-local data.
extern "C" long self(long argument)
{
    calls++;
    try {
        if (argument < 0)
            fail(number);
        return number * calls + left(argument) + right(argument);
    } catch (const Failure &failure) {
        last = failure.what();
        if (failure.part != number || !dynamic_cast<Operator *>(static_cast<Operator *>(&own)))
            throw;
        return -long(last.size());
    }
}
