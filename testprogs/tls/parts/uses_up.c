// Reaches, from a library, the variables that the program owns.
#define counter program_counter
#define blank program_blank
#include "uses.c"
