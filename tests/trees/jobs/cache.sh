# A process finds by dlopen what ldconfig has seen since the process began, in a folder that only the cache knows.
mkdir lib conf; echo 'int f(void) { return 42; }' >l.c; gcc -shared -fPIC l.c -Wl,-soname,libcached_job.so.1 -o l.so
cat >p.c <<'P'
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
static void try(const char *when) { void *h = dlopen("libcached_job.so.1", RTLD_NOW); int (*f)(void) = h ? (int (*)(void))dlsym(h, "f") : 0;
    printf("%s: %s %d\n", when, h ? "opened" : dlerror(), f ? f() : 0); fflush(stdout); if (h) dlclose(h); }
int main(void) { dlclose(dlopen("libresolv.so.2", RTLD_NOW)); try("before"); system("cp l.so lib/libcached_job.so.1; ldconfig -X"); try("installed"); try("again");
    system("rm lib/libcached_job.so.1; ldconfig -X"); try("removed"); system("mv /etc/ld.so.cache /etc/old"); try("no cache"); return 0; }
P
gcc p.c -o p -ldl || exit
unshare -m bash -c 'cp -r /etc etc; mount --bind etc /etc; echo /tmp/work/lib >/etc/ld.so.conf.d/job.conf; exec ./p'
