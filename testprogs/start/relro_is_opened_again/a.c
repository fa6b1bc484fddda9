static const char *plain(void) { return "plain"; }
const char *(*const volatile slot_of_library)(void) = plain;
const char *of_library(void) { return slot_of_library(); }
