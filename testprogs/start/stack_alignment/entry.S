    .text
    .globl entry
entry:
    mov %rsp, at_rsp(%rip)
    mov %rdx, at_rdx(%rip)
    pushfq
    popq at_rflags(%rip)
    jmp _start
    .section .note.GNU-stack,"",@progbits
