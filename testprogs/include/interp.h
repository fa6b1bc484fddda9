// PT_INTERP for a program linked as `-shared -Wl,-e,_start`: no linker relaxes the TLS accesses
// of a shared object, so that the program itself really has the model its source asks for.
#ifndef INTERP_H
#define INTERP_H

__attribute__((section(".interp"), used)) static const char interpreter[] = INTERP;

#endif
