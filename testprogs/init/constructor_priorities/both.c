#include <stdio.h>

__attribute__((constructor)) static void plain(void) { puts(NAME " plain"); }
__attribute__((constructor(102))) static void late(void) { puts(NAME " 102"); }
__attribute__((constructor(101))) static void early(void) { puts(NAME " 101"); }
__attribute__((destructor(101))) static void last(void) { puts(NAME " ends 101"); }
__attribute__((destructor(102))) static void middle(void) { puts(NAME " ends 102"); }
__attribute__((destructor)) static void end(void) { puts(NAME " ends plain"); }
