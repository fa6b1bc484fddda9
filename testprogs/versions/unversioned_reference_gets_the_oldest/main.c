// The users were linked against a library without versions. glibc's rule: the first version a library ever had, although
// hidden; where a symbol came later, its default.
//@ about: an unversioned reference binds to the first version node, or else to the symbol's default version
//@ build: libv.so = plain.c
//@ build: liba.so = user.c -l:libv.so
//@ build: libv.so = new.c -Wl,--version-script=new.map
//@ build: prog = main.c -l:liba.so -l:libv.so

#include "start.h"

int a_f(void);
int a_g(void);
int a_h(void);
int f(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 3);
    check_eq(a_f(), 1);
    check_eq(a_g(), 3);
    check_eq(a_h(), 2);
    exit_group(0);
}
