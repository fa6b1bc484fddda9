    .section .own, "awx", @progbits
    .globl a
    .type a, @function
a:
    ret
    .section .note.GNU-stack,"",@progbits
