    .data
    .globl unique
    .type unique, @gnu_unique_object
    .size unique, 4
unique: .long 7
    .section .note.GNU-stack,"",@progbits
