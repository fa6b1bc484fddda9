// Loops around one access to a thread-local variable, in each of the two models that call into
// the loader. In assembler so that no compiler hoists the access out of its loop.
// long access_gd(long times), long access_desc(long times): the address found last.

    .text
    .globl access_gd
    .type access_gd, @function
access_gd:
    push %rbx
    mov %rdi, %rbx
1:  .byte 0x66
    lea VARIABLE@tlsgd(%rip), %rdi
    .value 0x6666
    rex64 call __tls_get_addr@PLT
    dec %rbx
    jnz 1b
    pop %rbx
    ret
    .size access_gd, . - access_gd

    .globl access_desc
    .type access_desc, @function
access_desc:
    push %rbx
    mov %rdi, %rbx
1:  lea VARIABLE@tlsdesc(%rip), %rax
    call *VARIABLE@tlscall(%rax)
    dec %rbx
    jnz 1b
    add %fs:0, %rax
    pop %rbx
    ret
    .size access_desc, . - access_desc

    .section .tdata, "awT", @progbits
    .balign 8
    .globl VARIABLE
    .type VARIABLE, @object
    .size VARIABLE, 8
VARIABLE:
    .quad 123
    .section .note.GNU-stack, "", @progbits
