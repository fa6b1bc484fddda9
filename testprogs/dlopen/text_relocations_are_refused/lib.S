        .text
        .globl f
f:      movabs $f, %rax
        ret
        .section .note.GNU-stack, "", @progbits
