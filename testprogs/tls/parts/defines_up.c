// Variables that the program owns and its library reaches.
#define counter program_counter
#define blank program_blank
#include "defines.c"
