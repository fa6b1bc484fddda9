//@ about: an object of --preload that is not there costs a warning that names the option
//@ libc: glibc
//@ build: prog = main.c
//@ loader: --preload libmissing.so
//@ stderr: ERROR: ld.so: object 'libmissing.so' from --preload cannot be preloaded (cannot open shared object file): ignored.

int main(void) { return 0; }
