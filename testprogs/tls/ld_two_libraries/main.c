//@ about: Two libraries share a variable by local-dynamic code.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ skip: pie=pie : a local-dynamic address is an offset in the own module: for another object's variable linkers refuse it or silently make a wrong program
