__asm__(".symver datum_1, datum@V1\n.symver datum_2, datum@@V2");
int datum_1 = 1;
int datum_2 = 2;
