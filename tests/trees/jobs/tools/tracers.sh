# valgrind, perf, strace and ltrace over a program with threads and libraries.
set -u
cat >p.c <<'P'
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <dlfcn.h>
#include <math.h>
__thread int local = 4; int shared;
static void *w(void *p) { local++; shared++; double s = 0; for (int i = 0; i < 300000; i++) s += sin(i); return (void *)(long)(s > 100); }
__attribute__((noinline)) long busy(long n) { long s = 0; for (long i = 0; i < n; i++) s = s * 31 + i; return s; }
int main(int c, char **v) { pthread_t t[2]; for (int i = 0; i < 2; i++) pthread_create(&t[i], 0, w, 0); for (int i = 0; i < 2; i++) pthread_join(t[i], 0);
char *volatile p = malloc(10); if (c > 1) { p[10] = 1; int u; if (*(volatile int *)&u > 5 && p[3]) puts("uninitialised"); p = malloc(77); p = 0; } free(p);
void *h = dlopen("libresolv.so.2", RTLD_NOW); printf("%d %d\n", h != 0, local); if (h) dlclose(h); printf("%ld\n", busy(c > 1 ? 1000 : 50000000)); return 0; }
P
gcc -g -O1 -pthread p.c -o p -lm; gcc -g -O1 -no-pie -pthread p.c -o pn -lm
clean() { sed -E 's/^==[0-9]+==/==/; s/0x[0-9A-F]+/ADDR/g; s/ \(suppressed.*//'; }
for tool in memcheck helgrind drd massif cachegrind callgrind none; do
    for run in ./p ./pn; do valgrind --tool=$tool --error-exitcode=9 --log-file=log $run x; echo "$tool $run: $?"
    [ $tool = drd ] || clean <log | grep -E 'ERROR SUMMARY|Invalid write|depends on|definitely|data race|at ADDR: (main|w) |by ADDR: main'; done; done
cp /bin/true t; valgrind -q --leak-check=full ./t; echo "true: $?"; valgrind -q python3 -c 'print(6 * 7)' 2>&1 | grep -v '^==' ; valgrind -q --trace-children=yes sh -c 'ls / >/dev/null; echo $?' 2>&1 | tail -n 1
perf=$(echo /usr/bin/perf_*); [ -x "$perf" ] || perf=perf
# Without hardware counters the clock of the CPU serves.
$perf record -q -e cpu-clock -F 999 -g -o data ./p >/dev/null 2>perf.err; echo "perf record: $?"
$perf report -i data --stdio --no-children 2>/dev/null | grep -E '^ +[0-9]' | awk '$1 + 0 > 20 { print $NF }' | sort -u; $perf report -i data --stdio --sort dso 2>/dev/null | grep -oE ' (p|libm.so.6)$' | sort -u
$perf script -i data 2>/dev/null | grep -c unknown | awk '{ print ($1 > 50) }'
strace -f -qq -e trace=execve,openat -o st ./p >/dev/null; echo "strace: $?"; grep -E 'openat.*(libm|libc|libresolv)\.so' st | grep -c ' = [0-9]'; ltrace -e busy+pthread_create -o lt ./p >/dev/null; echo "ltrace: $?"; grep -oE 'pthread_create' lt | sort | uniq -c
