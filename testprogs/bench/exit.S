// The shortest program: what remains of its time is the kernel's and the loader's.
#include <asm/unistd.h>

    .globl _start
_start:
    mov $__NR_exit_group, %eax
    xor %edi, %edi
    syscall
