// What leaves a constructor, a destructor, or both: told by the program.
extern "C" void leaves(const char *who);
extern "C" int THREE(void) { return 3; }
__attribute__((constructor)) static void begin() { leaves("+" WHO); }
__attribute__((destructor)) static void end() { leaves("-" WHO); }
