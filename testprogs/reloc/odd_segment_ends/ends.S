    .data
    .fill SIZE, 1, 0x5a
    .bss
    .fill 3 * 4096 + 77, 1, 0
    .section .junk, "", @progbits
    .fill 8192, 1, 0xff
    .section .note.GNU-stack,"",@progbits
