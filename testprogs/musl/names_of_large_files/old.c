// For the linker alone: what libc.so exported up to 1.2.3.
#define OLD(name) void name(void) {}
OLD(fopen64) OLD(lseek64) OLD(open64) OLD(stat64) OLD(mmap64)
