extern int one;
__asm__(".data\n.globl one\n.type one, @gnu_unique_object\n.size one, 4\none: .long 1\n.text");
int *place_in_a(void)
{
    return &one;
}
