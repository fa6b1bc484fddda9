// A TLS segment of no bytes: a zero-sized symbol keeps the section.
__asm__(".section .tbss,\"awT\",@nobits\n"
        ".globl nothing\n"
        ".type nothing, @object\n"
        ".size nothing, 0\n"
        "nothing:\n"
        ".text\n");
