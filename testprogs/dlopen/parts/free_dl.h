// What <dlfcn.h> says, for programs without a libc's headers.
#ifndef FREE_DL_H
#define FREE_DL_H
enum { RTLD_LAZY = 1, RTLD_NOW = 2, RTLD_GLOBAL = 0x100 };
void *dlopen(const char *name, int mode);
int dlclose(void *handle);
void *dlsym(void *handle, const char *name);
char *dlerror(void);
#endif
