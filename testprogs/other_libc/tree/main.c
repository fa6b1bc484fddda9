//@ about: --tree marks the edge from a library built for musl to the program's libc
//@ libc: glibc
//@ oracle: no: the system's loader has no such option
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -l:libmusl.so -Wl,--allow-shlib-undefined,--no-as-needed
//@ loader: --tree=2 --color=never
//@ start: direct
//@ stdout: ./prog
//@ stdout: ├── libmusl.so => {dir}/./libmusl.so [runpath of ./prog]
//@ stdout: │   └── libc.so => /lib/x86_64-linux-gnu/libc.so.6 [built for musl: the program's libc]
//@ stdout: └── libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (above)

int run(void);

int main(void) { return run(); }
