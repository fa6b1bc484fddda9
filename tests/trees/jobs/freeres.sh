# What valgrind and mtrace do at a program's end: __libc_freeres walks the loader's tables.
cat >p.c <<'P'
#include <dlfcn.h>
#include <iconv.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
void __libc_freeres(void);
static void *nothing(void *p) { return p; }
int main(void) { pthread_t t; void *h = dlopen("libresolv.so.2", RTLD_NOW); iconv_t c = iconv_open("UTF-16", "EUC-JP"); pthread_create(&t, 0, nothing, 0); pthread_join(t, 0);
    printf("%d %d\n", h != 0, c != (iconv_t)-1); fflush(stdout); __libc_freeres(); write(1, "freed\n", 6); _exit(0); }
P
gcc -w p.c -o p -ldl -pthread && ./p; echo $?; gcc -w -no-pie p.c -o p -ldl -pthread && ./p; echo $?
