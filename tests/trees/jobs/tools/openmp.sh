# OpenMP: libgomp and libomp, C, C++ and Fortran, threadprivate data, tasks, reductions; libgfortran, libquadmath.
export OMP_NUM_THREADS=6
cat >p.c <<'P'
#include <omp.h>
#include <stdio.h>
int counter = 5; static double kept[4];
#pragma omp threadprivate(counter, kept)
static long fib(int n) { long a, b; if (n < 2) return n;
#pragma omp task shared(a)
    a = fib(n - 1);
#pragma omp task shared(b)
    b = fib(n - 2);
#pragma omp taskwait
    return a + b; }
int main(void) {
    double sum = 0; long answer = 0; int seen[6] = {0};
#pragma omp parallel for reduction(+ : sum) schedule(dynamic, 100)
    for (int i = 1; i < 1000000; i++) sum += 1.0 / ((double)i * i) > 0 ? i % 7 : 0;
#pragma omp parallel copyin(counter)
    { counter += omp_get_thread_num(); kept[1] = counter;
#pragma omp barrier
      seen[omp_get_thread_num()] = counter + (int)kept[1]; }
#pragma omp parallel
#pragma omp single
    answer = fib(20);
    printf("%.0f %ld %d %d %d\n", sum, answer, seen[0], seen[5], omp_get_max_threads());
    int nested = 0; omp_set_max_active_levels(2);
#pragma omp parallel num_threads(3) reduction(+ : nested)
#pragma omp parallel num_threads(3) reduction(+ : nested)
    nested++;
    printf("%d\n", nested);
    return 0; }
P
cat >f.f90 <<'P'
module shared
  integer :: private_count = 3
  !$omp threadprivate(private_count)
end module
program job
  use shared
  use omp_lib
  implicit none
  integer :: i
  integer, parameter :: n = 300
  real(8) :: a(n, n), b(n, n), c(n, n), total
  real(16) :: quad
  character(len=20) :: text
  a = reshape([(mod(i, 13) * 1d0, i = 1, n * n)], [n, n]); b = transpose(a); total = 0
  !$omp parallel do
  do i = 1, n
    c(:, i) = matmul(a, b(:, i))
  end do
  !$omp parallel copyin(private_count) reduction(+:total)
  private_count = private_count + omp_get_thread_num()
  total = total + private_count
  !$omp end parallel
  print '(f20.3, f8.1)', sum(c), total
  quad = sqrt(2.0_16); print *, quad
  write (text, '(e15.7)') exp(1.5d0); print *, text
  open (10, file='data', form='unformatted'); write (10) a(1:3, 1); close (10)
  open (10, file='data', form='unformatted', status='old'); read (10) b(1:3, 1); print *, b(1:3, 1) == a(1:3, 1); close (10)
  call execute_command_line('echo from a child')
  open (11, file='/nonexistent/file', status='old', iostat=i); print *, i
  stop 4
end program
P
cat >e.cc <<'P'
#include <cstdio>
#include <stdexcept>
int main() { int caught = 0;
#pragma omp parallel for reduction(+ : caught)
    for (int i = 0; i < 1000; i++) try { if (i % 3 == 0) throw std::runtime_error("x"); } catch (const std::exception &) { caught++; }
    std::printf("%d\n", caught); }
P
gcc -O2 -fopenmp p.c -o p && ./p; echo $?; clang -O2 -fopenmp p.c -o pl && ./pl; echo $?
gfortran -O2 -fopenmp f.f90 -o f && ./f; echo $?; g++ -O2 -fopenmp e.cc -o e && ./e; clang++ -O2 -fopenmp e.cc -o el && ./el
OMP_NUM_THREADS=64 OMP_STACKSIZE=1m ./p; OMP_PROC_BIND=false ./p; OMP_DISPLAY_ENV=true ./p 2>&1 | sed 's/\[host\]//' | grep -c '='
# libgomp has initial-exec TLS and comes by dlopen.
gcc -O2 -fopenmp -shared -fPIC -Dmain=job p.c -o libp.so
cat >o.c <<'P'
#include <dlfcn.h>
#include <stdio.h>
int main(void) { void *h = dlopen("./libp.so", RTLD_NOW); if (!h) return puts(dlerror()); return ((int (*)(void))dlsym(h, "job"))(); }
P
gcc o.c -o o && ./o; echo $?
