// Counts in its own immediate operand, which it reaches by a relocated word beside its code.
    .section .rwx, "awx", @progbits
    .globl NAME
    .type NAME, @function
NAME:
    mov place(%rip), %rcx
    incl (%rcx)
operand:
    mov $0, %eax
    ret
    .p2align 3
place:
    .quad operand + 1
    .section .note.GNU-stack, "", @progbits
