// The smallest library with thread-local data: one word, and a function that finds it. It has no
// soname, so that copies of the file are different libraries.

    .text
    .globl touch
    .type touch, @function
touch:
    sub $8, %rsp
    .byte 0x66
    lea tiny@tlsgd(%rip), %rdi
    .value 0x6666
    rex64 call __tls_get_addr@PLT
    add $8, %rsp
    ret
    .size touch, . - touch

    .section .tdata, "awT", @progbits
    .balign 8
    .globl tiny
    .type tiny, @object
    .size tiny, 8
tiny:
    .quad 123
    .section .note.GNU-stack, "", @progbits
