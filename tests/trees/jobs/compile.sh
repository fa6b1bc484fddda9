# gcc and g++: compile, link (the linker reads the loader too) and run, plain and with threads.
cat >t.cc <<'P'
#include <atomic>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
thread_local std::string name = "initial";
struct Loud { ~Loud() { std::cout << "thread-local destructor\n"; } };
thread_local Loud loud;
std::mutex mutex;
static int depth(int n) { std::string s(n, 'x'); if (n == 50) throw std::runtime_error("thrown from depth"); return depth(n + 1) + 1; }
int main() {
    std::atomic<int> caught{0}; std::vector<std::thread> threads; std::map<int, std::string> names;
    for (int i = 0; i < 16; i++) threads.emplace_back([&, i] {
        name += std::to_string(i);
        for (int k = 0; k < 200; k++) try { depth(0); } catch (const std::exception &e) { caught++; }
        std::lock_guard<std::mutex> guard(mutex); names[i] = name; });
    for (auto &t : threads) t.join();
    auto f = std::async(std::launch::async, [] { (void)&loud; return depth(0); });
    try { f.get(); } catch (const std::runtime_error &e) { std::cout << e.what() << "\n"; }
    std::cout << caught << " " << names[15] << " " << name << std::endl;
    std::this_thread::yield(); (void)&loud;
    return caught == 3200 ? 0 : 1;
}
P
cat >l.c <<'P'
__thread int in_library = 5; int next(void) { return ++in_library; }
P
cat >m.c <<'P'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
extern __thread int in_library; int next(void);
int main(void) { next(); printf("%d\n", in_library); void *h = dlopen("./lib2.so", RTLD_NOW); int (*f)(void) = h ? (int (*)(void))dlsym(h, "next") : 0;
printf("%d %d\n", f ? f() : -1, in_library); return h ? dlclose(h) : 2; }
P
for flags in '-O0' '-O2' '-O2 -static -Wl,--whole-archive -lpthread -Wl,--no-whole-archive' '-O2 -no-pie -fuse-ld=bfd'; do
    g++ -pthread $flags t.cc -o t; echo "g++ $flags: $?"; ./t; echo "exit $?"
done
gcc -shared -fPIC l.c -o lib1.so && cp lib1.so lib2.so && gcc m.c -o m -L. -l1 -Wl,-rpath,. -ldl -pthread && ./m; echo $?
gcc -print-search-dirs >/dev/null; echo 'int main(){}' | gcc -x c - -flto -O2 -o l && ./l; echo $?
echo 'int main(){return x;}' | gcc -x c - -o n 2>&1 | tail -n 3; ar rcs l.a; nm m | grep -c ' [TU] '; objdump -d m | grep -c call; strip m && ./m
readelf -d m | grep -c NEEDED; make --version 2>/dev/null | head -n 1
