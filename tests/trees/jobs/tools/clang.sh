# clang: 100 MB of libLLVM; C++ with exceptions, plain, with LTO, sanitizers, profiling; rustc the same.
cat >t.cc <<'P'
#include <future>
#include <iostream>
#include <map>
#include <regex>
#include <stdexcept>
#include <thread>
#include <vector>
struct Base { virtual ~Base() = default; }; struct Derived : Base {};
thread_local std::string name = "initial";
static int depth(int n) { std::string s(n, 'x'); if (n == 40) throw std::runtime_error("from depth"); return depth(n + 1) + 1; }
int main() {
    std::vector<std::thread> threads; std::atomic<int> caught{0};
    for (int i = 0; i < 8; i++) threads.emplace_back([&, i] { name += char('0' + i); for (int k = 0; k < 100; k++) try { depth(0); } catch (std::exception &) { caught++; } });
    for (auto &t : threads) t.join();
    try { std::rethrow_exception(std::make_exception_ptr(std::out_of_range("kept"))); } catch (std::logic_error &e) { std::cout << e.what() << "\n"; }
    Base b; try { (void)dynamic_cast<Derived &>(b); } catch (std::bad_cast &e) { std::cout << e.what() << "\n"; }
    std::cout << caught << name << std::regex_replace("a1b22", std::regex("[0-9]+"), "#") << std::endl;
    return std::async(std::launch::async, [] { return 7; }).get();
}
P
clang --version | head -n 1
for flags in -O0 -O2 '-O3 -flto -fuse-ld=bfd' '-O1 -fsanitize=undefined' '-O1 -fsanitize=address' '-O1 -fsanitize=thread' '-fprofile-instr-generate'; do
    clang++ -pthread $flags t.cc -o t 2>err; echo "clang++ $flags: $?"; tail -n 3 err; timeout 100 ./t; echo "exit $?"; done
cat >u.c <<'P'
#include <stdlib.h>
#include <string.h>
int main(int c, char **v) { char *p = malloc(10); memset(p, 0, 10); free(p); if (c > 1) return p[3]; int n = 2147483647; n += c; return n > 0; }
P
for cc in gcc clang; do
    $cc -g -fsanitize=address u.c -o u 2>&1; ./u x 2>&1 | grep -oE 'heap-use-after-free|#[0-9] .* in (main|free|__interceptor_free|malloc) ?' | sed 's/0x[0-9a-f]*//' ; ./u; echo "$cc $?"
    $cc -g -fsanitize=undefined u.c -o u 2>&1; ./u 2>&1; done
rustc --version; cat >r.rs <<'P'
use std::cell::RefCell; use std::thread;
thread_local! { static LOCAL: RefCell<Vec<i32>> = RefCell::new(vec![1]); }
fn main() {
    let handles: Vec<_> = (0..8).map(|n| thread::spawn(move || { LOCAL.with(|l| l.borrow_mut().push(n)); LOCAL.with(|l| l.borrow().iter().sum::<i32>()) })).collect();
    println!("{:?}", handles.into_iter().map(|h| h.join().unwrap()).collect::<Vec<_>>());
    println!("{}", std::panic::catch_unwind(|| { panic!("caught") }).is_err());
    println!("{}", thread::spawn(|| panic!("in a thread")).join().is_err());
}
P
rustc -O r.rs -o r && ./r; echo $?; rustc -O -C prefer-dynamic r.rs -o rd && LD_LIBRARY_PATH=$(rustc --print sysroot)/lib ./rd; echo $?
