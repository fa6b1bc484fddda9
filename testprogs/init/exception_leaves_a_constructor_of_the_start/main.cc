//@ about: An exception that leaves a constructor at the start finds nobody who catches it: terminate() ends the process, with nothing unwound and no later constructor run.
//@ libc: glibc
//@ build: liba.so = lib.cc
//@ build: libb.so = later.cc -Wl,--no-as-needed -l:liba.so
//@ build: prog = main.cc -Wl,--no-as-needed -l:libb.so
//@ exit: signal 6
//@ stdout: the constructor throws
//@ stderr: terminate called after throwing an instance of 'int'

int main()
{
}
