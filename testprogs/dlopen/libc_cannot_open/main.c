//@ about: What libc opens by itself and cannot have, a charset's module or a name service, fails the call that wanted it; libc never reaches for the loader's own error functions.
//@ libc: glibc
//@ build: prog = main.c
//@ build: libnss_damaged.so.2 = broken.c -nostdlib
//@ sh: truncate -s 100 libnss_damaged.so.2
//@ sh: echo 'module INTERNAL BROKEN// ./text 1' > gconv-modules; echo 'module BROKEN// INTERNAL ./text 1' >> gconv-modules; echo 'no object' > text.so
//@ env: GCONV_PATH={dir}
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: BROKEN: Invalid argument
//@ stdout: absent: nobody
//@ stdout: damaged: nobody
//@ stdout: files: root
//@ stdout: libnothere.so: cannot open shared object file: No such file or directory

#include "../parts/dl.h"
#include <iconv.h>
#include <nss.h>
#include <pwd.h>

int main(void)
{
    iconv_t broken = iconv_open("BROKEN", "UTF-8");
    say("BROKEN: %s\n", broken == (iconv_t)-1 ? strerror(errno) : "opened");
    for (int i = 0; i < 3; i++) {
        const char *service = (const char *[]){"absent", "damaged", "files"}[i];
        check_eq(__nss_configure_lookup("passwd", service), 0);
        struct passwd *root = getpwnam("root");
        say("%s: %s\n", service, root ? root->pw_name : "nobody");
    }
    check_eq(dlopen("libnothere.so", RTLD_NOW), NULL);
    say("%s\n", dlerror());
}
