#include "free.h"

__attribute__((visibility("hidden"))) void early(void) { print("%s starts\n", NAME); }
__attribute__((visibility("hidden"))) void last(void) { print("%s ends: fini\n", NAME); }
static void first(void) { print("%s ends: first\n", NAME); }
static void second(void) { print("%s ends: second\n", NAME); }
__attribute__((section(".fini_array"), used)) static void *const fini[] = {first, second};
