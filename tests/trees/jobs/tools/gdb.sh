# gdb over a program with threads and libraries: breakpoints, TLS of every kind, watchpoints, signals, cores, attaching.
set -u
cat >lib.c <<'P'
__thread int in_library = 7; static __thread long hidden_in_library = 70;
int library_function(int n) { in_library += n; hidden_in_library++; return in_library; }
P
cat >opened.c <<'P'
__thread int in_opened = 9;
int opened_function(int n) { in_opened += n; return in_opened; }
P
cat >prog.c <<'P'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
__thread int in_program = 3; static int watched; int library_function(int); extern __thread int in_library;
static pthread_barrier_t barrier;
void stop_here(int n) { __asm__ volatile("" : : "r"(n)); }
void *worker(void *arg) { in_program += (int)(long)arg; library_function((int)(long)arg); pthread_barrier_wait(&barrier); pthread_barrier_wait(&barrier); return 0; }
int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "wait")) { puts("waiting"); fflush(stdout); for (volatile int go = 1; go;) usleep(1000); return 0; }
    pthread_t t[3]; pthread_barrier_init(&barrier, 0, 4);
    for (long i = 0; i < 3; i++) pthread_create(&t[i], 0, worker, (void *)(i + 10));
    pthread_barrier_wait(&barrier);
    void *h = dlopen("./libopened.so", RTLD_NOW); int (*f)(int) = (int (*)(int))dlsym(h, "opened_function"); int r = f(1);
    stop_here(r); watched = 5; pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
    dlclose(h); printf("%d %d %d\n", r, watched, in_library);
    if (argc > 1) *(volatile int *)0 = 1;
    return 5; }
P
for pie in '-pie -fPIE' '-no-pie'; do
    gcc -g -O0 -shared -fPIC lib.c -o liblib.so && gcc -g -O0 -shared -fPIC opened.c -o libopened.so
    gcc -g -O0 -pthread $pie prog.c -o prog -L. -llib -Wl,-rpath,. || exit 1
    # Addresses and thread numbers differ between runs; names, frames, values and the order of events do not.
    tidy() { sed -E 's/0x[0-9a-f]+/ADDR/g; s/LWP [0-9]+/LWP/g; s/process [0-9]+/process/g; s,/proc/[0-9]+,/proc/N,; s/ +/ /g; s/fs_base .*/fs_base/; /^warning: (Unable|Error)/d; /^\[(New|Thread|Attaching)/d; /libthread_db/d; /ld-linux|linux-vdso/d; /dl-debug.c|dl_debug_state|atomic/d'; }
    gdb -nx -batch -ex 'set breakpoint pending on' -ex 'break opened_function' -ex 'break stop_here' -ex run -ex backtrace -ex finish \
        -ex continue -ex backtrace -ex 'info threads' -ex 'thread apply all -s print in_program' -ex 'thread apply all -s print in_library' \
        -ex "print 'lib.c'::hidden_in_library" -ex 'print in_opened' -ex 'print &in_program == (int*)&in_program' -ex 'info sharedlibrary' -ex 'print library_function(100)' \
        -ex 'watch watched' -ex continue -ex continue -ex 'info symbol printf' -ex 'catch unload' -ex 'kill' ./prog 2>&1 | tidy | sort -s -k 1,1
    gdb -nx -batch -ex 'catch load libopened' -ex run -ex 'info sharedlibrary' -ex 'catch unload' -ex continue -ex continue ./prog 2>&1 | tidy | grep -v ' in '
    gdb -nx -batch -ex run -ex bt -ex 'print in_program' -ex 'print in_library' -ex 'generate-core-file core' --args ./prog crash 2>&1 | tidy
    gdb -nx -batch -ex 'info threads' -ex bt -ex 'print in_library' -ex 'print in_program' -ex 'info sharedlibrary' ./prog core 2>&1 | tidy | grep -v '^Core was'
    rm -f core
    ./prog wait >said & pid=$!; until [ -s said ]; do sleep 0.05; done
    gdb -nx -batch -ex "attach $pid" -ex 'up 10' -ex 'frame function main' -ex 'print in_program' -ex 'print in_library' -ex 'set var go = 0' -ex detach ./prog 2>&1 | tidy | grep -vE '^#|nanosleep|usleep|sysdep'
    wait $pid; echo "attached program: $?"
done
cat >throw.cc <<'P'
#include <stdexcept>
#include <iostream>
int main() { try { throw std::runtime_error("x"); } catch (std::exception &e) { std::cout << e.what() << "\n"; } }
P
g++ -g throw.cc -o throw; gdb -nx -batch -ex 'catch throw' -ex 'catch catch' -ex run -ex 'bt 2' -ex continue -ex 'info sharedlibrary' -ex continue ./throw 2>&1 | tidy
gdb -nx -batch -ex 'break main' -ex run -ex next -ex 'info registers fs_base' -ex 'info auxv' -ex kill ./throw 2>&1 | tidy | grep -vE 'AT_(BASE|PHDR|ENTRY|SYSINFO|RANDOM|EXECFN|PLATFORM)' | head -n 20
