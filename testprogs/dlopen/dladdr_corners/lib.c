__asm__(".text\n"
        ".globl sized, unsized, absolute\n"
        ".type sized, @function\n"
        ".p2align 4\n"
        "sized: nop; nop; nop; nop\n"
        ".size sized, 4\n"
        ".p2align 6\n"
        "ret\n"
        ".type unsized, @function\n"
        ".p2align 6\n"
        "unsized: nop; ret\n"
        ".p2align 6\n"
        ".set absolute, 0x40\n"
        ".type absolute, @object\n"
        ".size absolute, 8\n");
long data = 1;
char bss[100000];
__thread int thread_local = 2;
__attribute__((noinline, aligned(64))) static int local(void)
{
    return 3;
}
void *address_of_local(void)
{
    return (void *)local;
}
