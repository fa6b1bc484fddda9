    .section .note.ABI-tag,"a",@note
    .balign 4
    .long 4, 16, 1
    .asciz "GNU"
    .long 0, KERNEL, 2, 0
#ifdef PROPERTY
    .section .note.gnu.property,"a",@note
    .balign 8
    .long 4, 16, 5
    .asciz "GNU"
    .long PROPERTY, 8, 1, 0
#endif
    .data
    .globl value
    .type value, @object
value: .long 5
    .size value, 4
    .section .note.GNU-stack,"",@progbits
