#include <stdio.h>

static int (*const relocated)(const char *) = puts;

/// A place in RELRO.
const void *NAME(void) { return (const void *)&relocated; }
