extern int one;
__asm__(".data\n.globl one\n.type one, @gnu_unique_object\n.size one, 4\none: .long 2\n.text");
int *place(void)
{
    return &one;
}
