__attribute__((visibility("protected"))) void *place_in_library(void) { return (char *)place_in_library + 1; }
