//@ about: A program of glibc needs a library that was built for musl from the start
//@ libc: glibc,musl
//@ axes: cc=gcc,clang ld=bfd,lld,mold pie=pie,nopie
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -l:libmusl.so -Wl,--allow-shlib-undefined
//@ stdout: thread begins
//@ stdout: runs
//@ stdout: ends

int run(void);

int main(void) { return run(); }
