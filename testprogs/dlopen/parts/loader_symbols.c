// The dlopen family as ld-rs.so exports it to programs that have no libc: to link against, never loaded (its soname is
// the one that every loader answers with itself).
#define NAMES(X)                                                                                                       \
    X(dlopen) X(dlclose) X(dlsym) X(dlvsym) X(dlerror) X(dladdr) X(dlinfo) X(dl_iterate_phdr) X(__tls_get_addr)        \
    X(_dl_allocate_tls) X(_dl_deallocate_tls)
#define DEFINE(name)                                                                                                   \
    void name(void)                                                                                                    \
    {                                                                                                                  \
    }
NAMES(DEFINE)
