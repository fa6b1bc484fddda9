const char *of_a(void) { return "right"; }
