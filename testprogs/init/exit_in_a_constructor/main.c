//@ about: exit() in a constructor of start-up runs exit handlers and the destructors of what was constructed before, on musl.
//@ libc: musl
//@ build: libb.so = lib.c -DWHO=b -DLEAVES=0
//@ build: liba.so = lib.c -DWHO=a -DLEAVES=1 -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so
//@ stdout: +b
//@ stdout: +a
//@ stdout: handler
//@ stdout: -b
//@ exit: 5

int main(void)
{
    return 1;
}
