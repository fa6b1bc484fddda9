// A function whose code holds addresses, in the program and in the library alike: of its own data, and of a function
// that libc chooses by an IFUNC.
    .text
    .globl NAME
    .type NAME, @function
NAME:
    movabs $number, %rax
    mov (%rax), %eax
    ret
#ifdef LENGTH
    .globl LENGTH
    .type LENGTH, @function
LENGTH:
    movabs $strlen, %rax
    jmp *%rax
#endif
    .data
    .globl number
    .type number, @object
    .size number, 4
    .hidden number
number: .long NUMBER
    .section .note.GNU-stack,"",@progbits
