//@ about: dlopen refuses mode bits that mean nothing, with glibc's words; without RTLD_LAZY or RTLD_NOW a mode is none; dlmopen looks at the namespace first.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

#define refused(call, text)                                                                                            \
    do {                                                                                                               \
        check(!(call));                                                                                                \
        check_text(dlerror(), text);                                                                                   \
    } while (0)

int main(void)
{
    const int known = RTLD_LAZY | RTLD_NOW | RTLD_NOLOAD | RTLD_DEEPBIND | RTLD_GLOBAL | RTLD_NODELETE | 0x40000000;
    for (int bit = 0; bit < 32; bit++) {
        unsigned mode = 1u << bit;
        if (mode & ~known) {
            refused(dlopen("liba.so", (int)(RTLD_NOW | mode)), "invalid mode parameter");
            refused(dlopen(NULL, (int)(RTLD_LAZY | mode)), "invalid mode parameter");
            refused(dlopen("libnone.so", (int)mode), "invalid mode parameter");
        }
    }
    check_gone("/liba.so");
    refused(dlopen(NULL, 0), "invalid mode for dlopen(): Invalid argument");
    refused(dlopen("", RTLD_GLOBAL), "invalid mode for dlopen(): Invalid argument");
    refused(dlopen("liba.so", RTLD_NOLOAD), "liba.so: invalid mode for dlopen(): Invalid argument");
    refused(dlopen("libnone.so", RTLD_DEEPBIND | RTLD_NODELETE),
            "libnone.so: invalid mode for dlopen(): Invalid argument");
    void *a = opened("liba.so", RTLD_LAZY | RTLD_NOW | RTLD_DEEPBIND | RTLD_LOCAL);
    closed(a);
    check_gone("/liba.so");
    refused(dlmopen(7, NULL, RTLD_NOW), "invalid namespace: Invalid argument");
    refused(dlmopen(LM_ID_NEWLM, NULL, RTLD_NOW), "invalid namespace: Invalid argument");
    refused(dlmopen(LM_ID_NEWLM, "liba.so", RTLD_NOW | RTLD_GLOBAL), "invalid mode: Invalid argument");
    refused(dlmopen(7, "liba.so", RTLD_GLOBAL), "invalid mode: Invalid argument");
    refused(dlmopen(7, "liba.so", RTLD_NOW), "liba.so: invalid target namespace in dlmopen(): Invalid argument");
    refused(dlmopen(-3, "", RTLD_NOW), "invalid target namespace in dlmopen(): Invalid argument");
    refused(dlmopen(7, "liba.so", 0), "liba.so: invalid mode for dlopen(): Invalid argument");
    refused(dlmopen(LM_ID_BASE, "liba.so", 0), "liba.so: invalid mode for dlopen(): Invalid argument");
    closed(must(dlmopen(LM_ID_BASE, NULL, RTLD_NOW)));
    closed(must(dlmopen(LM_ID_BASE, "liba.so", RTLD_NOW | 0x1000000)));
    say("ok\n");
}
