    .data
    .globl sizes
    .type sizes, @object
    .size sizes, 16
    .balign 8
sizes:
    .quad array@SIZE + 3
    .long array@SIZE
    .long 0
    .section .note.GNU-stack,"",@progbits
