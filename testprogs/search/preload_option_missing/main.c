//@ about: an object of --preload that is not there costs a warning that names the option
//@ libc: glibc,musl
//@ build: prog = main.c
//@ loader: --preload libmissing.so
//@ stderr: ERROR: ld.so: object 'libmissing.so' from --preload cannot be preloaded (cannot open shared object file): ignored.
//@ musl oracle: differs: musl passes it over without a word

int main(void) { return 0; }
