//@ about: A directory that is a file, a link that leads to itself, or longer than a name can be, is passed over in a search.
//@ libc: glibc,musl
//@ build: liba.so = a.c
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so
//@ sh: mkdir right && mv liba.so right && ln -s loop loop && ln -s /nowhere gone
//@ env: LD_LIBRARY_PATH={dir}/main.c:{dir}/loop:{dir}/loop/deeper:{dir}/gone:{dir}/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:{dir}/right
//@ stdout: right
//@ musl oracle: differs: musl ends the search at a folder that is a loop of links

#include <stdio.h>

const char *of_a(void);

int main(void)
{
    puts(of_a());
    return 0;
}
