// Many symbols and as many references to them: tables of some megabytes.
    .altmacro
    .macro one number
    .globl a_rather_long_name_so_that_it_costs_\number
    .type a_rather_long_name_so_that_it_costs_\number, @function
a_rather_long_name_so_that_it_costs_\number:
    ret
    .pushsection .data.rel, "aw"
    .quad a_rather_long_name_so_that_it_costs_\number
    .popsection
    .endm
    .text
    .set index, 0
    .rept 40000
    one %index
    .set index, index + 1
    .endr
    .section .note.GNU-stack, "", @progbits
