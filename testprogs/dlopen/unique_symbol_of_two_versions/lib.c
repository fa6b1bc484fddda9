// A unique symbol of this library's own version, and a reference to it by that version.
extern int one;
__asm__(".data\n.globl one\n.type one, @gnu_unique_object\n.size one, 4\none: .long 1\n.text");
void *PLACE(void) { return &one; }
