    .data
    .globl only, plain
    .type only, @gnu_unique_object
only: .long 1
plain: .long 2
    .section .note.GNU-stack,"",@progbits
