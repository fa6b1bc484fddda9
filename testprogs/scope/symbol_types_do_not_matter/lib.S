    .data
    .globl untyped
untyped: .long 77
    .globl absolute
absolute = 0x1234
    .section .note.GNU-stack,"",@progbits
