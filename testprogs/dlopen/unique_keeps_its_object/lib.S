        .data
        .globl unique
        .type unique, @gnu_unique_object
        .size unique, 4
unique: .long 7
        .text
        .globl get
        .type get, @function
get:    mov unique@GOTPCREL(%rip), %rax
        ret
        .size get, . - get
        .section .note.GNU-stack, "", @progbits
