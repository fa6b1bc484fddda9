    .text
    .globl a
    .type a, @function
a:
    ret
    .quad a
    .section .note.GNU-stack,"",@progbits
