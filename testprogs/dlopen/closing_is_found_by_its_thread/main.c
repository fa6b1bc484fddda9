//@ about: A destructor that dlclose runs finds its own library and what it needs as before: by handle, by name (the same object, not another copy, each handle counted), in the scope, by address and in the list. What it opens and closes again goes with the rest.
//@ libc: glibc
//@ build: libneeded.so = lib.c -DNEEDED -Wl,-soname,libneeded.so
//@ build: libuser.so = lib.c -Wl,--no-as-needed -l:libneeded.so -Wl,-soname,libuser.so
//@ build: prog = main.c -rdynamic
//@ stdout: found
//@ stdout: found
//@ stdout: ok

#include "../parts/dl.h"

void *user;
int constructed;

int main(void)
{
    alarm(10);
    for (int i = 0; i < 2; i++) {
        user = opened("libuser.so", RTLD_NOW | RTLD_GLOBAL);
        closed(user);
        check_gone("/libuser.so");
        check_gone("/libneeded.so");
        check(!dlsym(RTLD_DEFAULT, "answer"));
        check_eq(constructed, 2 * (i + 1));
    }
    say("ok\n");
}
