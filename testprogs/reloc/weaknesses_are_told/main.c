//@ about: --check tells of segments that are writable and executable, of text relocations and of executable stacks, object by object, and that all is well.
//@ libc: glibc
//@ build: libx.so = ../writable_code/code.S -DNAME=x
//@ build: libt.so = ../text_relocations_are_done/code.S -DNAME=t -DNUMBER=2 -DLENGTH=l -Wl,-z,notext
//@ build: prog = main.c -Wl,--no-as-needed -l:libx.so -l:libt.so -Wl,-z,execstack
//@ elf: libt.so has TEXTREL
//@ loader: --check
//@ stdout: executable stack: ./prog (LD_RS_STRICT=1 refuses it)
//@ stdout: writable and executable segment: {dir}/./libx.so (LD_RS_STRICT=1 refuses it)
//@ stdout: text relocations: {dir}/./libt.so (LD_RS_STRICT=1 refuses it)
//@ stdout: ok: 5 objects
//@ oracle: no: glibc has no --check

int main(void) { return 0; }
