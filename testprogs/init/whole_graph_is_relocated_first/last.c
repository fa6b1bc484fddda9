#include "free.h"

static void done(void) { exit_group(0); }
void (*pointer)(void) = done;
void through_pointer(void) { pointer(); }
