//@ about: A library reaches its own variable by local-exec code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ skip: pie=pie : its offset to the thread pointer is fixed at link time, so linkers refuse local-exec in a shared object and for another object's variable
