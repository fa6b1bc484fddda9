    .data
    .balign 8
table:
    .reloc table, R_X86_64_64, low + 4
    .quad 0x1111111100000000
second:
    .reloc second, R_X86_64_64, own + 4
    .quad 0x2222222200000000
    .globl own
    .type own, @object
    .size own, 4
own:
    .long 44
    .text
    .globl words
    .type words, @function
words:
    lea table(%rip), %rax
    ret
    .section .note.GNU-stack,"",@progbits
