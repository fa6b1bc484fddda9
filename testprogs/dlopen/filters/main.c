//@ about: a filter opened RTLD_LOCAL brings its filtees, which dlsym of its handle finds first, and of which the rest of the process knows nothing; they go with it; a filtee that is nowhere is an error only of DT_FILTER
//@ rule: DT_FILTER DT_AUXILIARY: Of an opened filter they hold for its handle and for its references, with RTLD_GLOBAL for all; filtees go when it is closed.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DASKS -Wl,-soname,liba.so
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DASKS -Wl,-soname,libb.so -Wl,--auxiliary=$ORIGIN/liba.so -Wl,--auxiliary=libnowhere.so
//@ build: libf.so = ../parts/speaks.c -DWHO=f -DASKS -Wl,-soname,libf.so -Wl,--filter=libb.so
//@ build: libm.so = ../parts/speaks.c -DWHO=m -Wl,-soname,libm.so -Wl,--filter=libnowhere.so
//@ build: prog = main.c
//@ elf: libb.so has (AUXILIARY)
//@ elf: libf.so has (FILTER)
//@ stdout: a begins
//@ stdout: b begins
//@ stdout: f begins
//@ stdout: f ends
//@ stdout: b ends
//@ stdout: a ends
//@ stdout: a begins
//@ stdout: b begins
//@ stdout: f begins
//@ stdout: f ends
//@ stdout: b ends
//@ stdout: a ends

#include "../parts/dl.h"

typedef const char *asked(void);

int main(void)
{
    for (int mode = RTLD_LOCAL; mode <= RTLD_GLOBAL; mode += RTLD_GLOBAL) {
        void *f = opened("libf.so", RTLD_NOW | mode);
        check_text(((asked *)found(f, "who"))(), "a");
        check_text(((asked *)found(f, "f_asks"))(), "a");
        check_text(((asked *)found(f, "b_asks"))(), "a");
        check(mode == RTLD_GLOBAL ? dlsym(RTLD_DEFAULT, "who") == dlsym(f, "who") : absent(RTLD_DEFAULT, "who"));
        void *b = opened("libb.so", RTLD_NOW | RTLD_NOLOAD);
        check_text(((asked *)found(b, "who"))(), "a");
        closed(b);
        closed(f);
        // What RTLD_DEFAULT found is kept for who asked.
        check(mode == RTLD_GLOBAL || !listed("/liba.so"));
        check_gone("/libb.so");
    }
    check(!dlopen("libm.so", RTLD_NOW));
    check_text(dlerror(), "libnowhere.so: cannot open shared object file: No such file or directory");
    check_gone("/libm.so");
}
