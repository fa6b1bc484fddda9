// present_call and absent_call: fill every register from *rdi (struct registers), call the
// descriptor of a variable, store every register to *rsi. edx: 0 xmm, 1 ymm, 2 zmm and masks.

#define VECTORS 128
#define MASKS (VECTORS + 32 * 64)

        .macro descriptor_call function, variable
        .globl \function
        .type \function, @function
\function:
        push %rbx
        push %rbp
        push %r12
        push %r13
        push %r14
        push %r15
        push %rdx                       // 16(%rsp) below: level
        push %rsi                       // 8(%rsp): out
        sub $8, %rsp                    // 0(%rsp), the stack aligned for the call
        call fill_vectors
        mov 8(%rdi), %rbx
        mov 16(%rdi), %rcx
        mov 24(%rdi), %rdx
        mov 32(%rdi), %rsi
        mov 48(%rdi), %rbp
        mov 64(%rdi), %r8
        mov 72(%rdi), %r9
        mov 80(%rdi), %r10
        mov 88(%rdi), %r11
        mov 96(%rdi), %r12
        mov 104(%rdi), %r13
        mov 112(%rdi), %r14
        mov 120(%rdi), %r15
        mov 40(%rdi), %rdi
        lea \variable@tlsdesc(%rip), %rax
        call *\variable@tlscall(%rax)
        mov %rdi, (%rsp)
        mov 8(%rsp), %rdi
        mov %rax, (%rdi)
        mov %rbx, 8(%rdi)
        mov %rcx, 16(%rdi)
        mov %rdx, 24(%rdi)
        mov %rsi, 32(%rdi)
        mov (%rsp), %rax
        mov %rax, 40(%rdi)
        mov %rbp, 48(%rdi)
        mov %r8, 64(%rdi)
        mov %r9, 72(%rdi)
        mov %r10, 80(%rdi)
        mov %r11, 88(%rdi)
        mov %r12, 96(%rdi)
        mov %r13, 104(%rdi)
        mov %r14, 112(%rdi)
        mov %r15, 120(%rdi)
        mov 16(%rsp), %rdx
        call store_vectors
        add $24, %rsp
        pop %r15
        pop %r14
        pop %r13
        pop %r12
        pop %rbp
        pop %rbx
        ret
        .size \function, . - \function
        .endm

#define LOW(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define HIGH(X) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define K(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

#define FILL_XMM(n) movups VECTORS + n * 64(%rdi), %xmm##n;
#define FILL_YMM(n) vmovups VECTORS + n * 64(%rdi), %ymm##n;
#define FILL_ZMM(n) vmovups VECTORS + n * 64(%rdi), %zmm##n;
#define FILL_MASK(n) kmovw MASKS + n * 8(%rdi), %k##n;
#define STORE_XMM(n) movups %xmm##n, VECTORS + n * 64(%rdi);
#define STORE_YMM(n) vmovups %ymm##n, VECTORS + n * 64(%rdi);
#define STORE_ZMM(n) vmovups %zmm##n, VECTORS + n * 64(%rdi);
#define STORE_MASK(n) kmovw %k##n, MASKS + n * 8(%rdi);

        .text
fill_vectors:
        cmp $1, %edx
        je 1f
        ja 2f
        LOW(FILL_XMM)
        ret
1:      LOW(FILL_YMM)
        ret
2:      LOW(FILL_ZMM)
        HIGH(FILL_ZMM)
        K(FILL_MASK)
        ret

store_vectors:
        cmp $1, %edx
        je 1f
        ja 2f
        LOW(STORE_XMM)
        ret
1:      LOW(STORE_YMM)
        vzeroupper
        ret
2:      LOW(STORE_ZMM)
        HIGH(STORE_ZMM)
        K(STORE_MASK)
        vzeroupper
        ret

        descriptor_call present_call, present
        descriptor_call absent_call, absent

        .weak absent
        .type absent, @tls_object
        .section .tdata, "awT", @progbits
        .globl present
        .type present, @object
        .size present, 8
        .balign 8
present:
        .quad 123

        .section .note.GNU-stack, "", @progbits
