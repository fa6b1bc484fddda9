// A function whose code holds addresses, in the program and in the library alike.
    .text
    .globl NAME
    .type NAME, @function
NAME:
    movabs $number, %rax
    mov (%rax), %eax
    ret
    .data
    .globl number
    .type number, @object
    .size number, 4
    .hidden number
number: .long NUMBER
    .section .note.GNU-stack,"",@progbits
