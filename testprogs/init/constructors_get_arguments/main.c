//@ about: constructors of program and library get argc, argv and envp with a libc too, and environ is already set
//@ libc: glibc
//@ build: liba.so = both.c -DNAME="library"
//@ build: prog = main.c both.c -DNAME="program" -Wl,--no-as-needed -l:liba.so
//@ run: x y
//@ env: GREETING=hello
//@ stdout: library 3 ./prog y hello
//@ stdout: program 3 ./prog y hello

int main(void) { return 0; }
