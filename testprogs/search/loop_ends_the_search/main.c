//@ about: A file that is there and cannot be opened (a link that leads to itself) ends the search: a library of that name in a later directory does not take its place.
//@ build: liba.so = a.c
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so
//@ sh: mkdir right decoy && mv liba.so decoy && ln -s liba.so right/liba.so
//@ env: LD_LIBRARY_PATH={dir}/right:{dir}/decoy
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: liba.so: cannot open shared object file: Too many levels of symbolic links
//@ oracle: differs: glibc ends the search of this list, and says "No such file or directory" of what comes after

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    exit_group(0);
}
