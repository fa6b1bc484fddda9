# Every library of the tree, opened in a process of its own: the same objects in the same order, or the same error;
# 500 symbols of it by dlsym, at the same place in the same object; closed, with as many objects left. Every other one
# is opened RTLD_GLOBAL and asked by RTLD_DEFAULT.
cat >p.c <<'P'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static unsigned long hash = 5381; static int count;
static void add(const char *s) { for (; *s; s++) hash = hash * 33 + (unsigned char)*s; hash *= 33; }
static int see(struct dl_phdr_info *i, size_t n, void *p) {
    if (strstr(i->dlpi_name, "/ld-linux") || strstr(i->dlpi_name, "linux-vdso")) return 0;
    count++; add(i->dlpi_name); hash += (i->dlpi_tls_modid != 0) + i->dlpi_phnum; return 0; }
// Symbols by DT_GNU_HASH's count are not needed: DT_SYMTAB goes up to DT_STRTAB in every linker's output.
static int symbols(void *h, int mode) {
    struct link_map *m; if (dlinfo(h, RTLD_DI_LINKMAP, &m)) return -1;
    Elf64_Sym *s = 0; const char *t = 0; for (Elf64_Dyn *d = m->l_ld; d->d_tag; d++) { if (d->d_tag == DT_SYMTAB) s = (void *)d->d_un.d_ptr; if (d->d_tag == DT_STRTAB) t = (void *)d->d_un.d_ptr; }
    if (!s || (char *)s < (char *)m->l_addr) s = (void *)((char *)s + m->l_addr); if ((char *)t < (char *)m->l_addr) t += m->l_addr;
    int n = 0; for (Elf64_Sym *e = s + 1; (char *)(e + 1) <= t && n < 500; e++) {
        int type = ELF64_ST_TYPE(e->st_info); if (type != STT_FUNC && type != STT_OBJECT) continue;
        void *a = dlsym(mode ? RTLD_DEFAULT : h, t + e->st_name); Dl_info i; if (!a) { dlerror(); hash = hash * 33 + 7; continue; }
        if (dladdr(a, &i) && i.dli_fname && !strstr(i.dli_fname, "/ld-")) { n++; const char *b = strrchr(i.dli_fname, '/'); add(b ? b : i.dli_fname); add(i.dli_sname ? i.dli_sname : "-"); hash += (char *)a - (char *)i.dli_fbase; } }
    return n; }
int main(void) {
    static char name[4096]; int good = 0, all = 0;
    while (fgets(name, sizeof name, stdin)) {
        name[strcspn(name, "\n")] = 0; int p[2]; if (pipe(p)) return 1; fflush(stdout); pid_t child = fork();
        if (!child) {
            int null = open("/dev/null", O_RDWR); dup2(null, 0); dup2(null, 1); dup2(null, 2); alarm(20); FILE *f = fdopen(p[1], "w");
            void *h = dlopen(name, RTLD_NOW | (all % 2 ? RTLD_GLOBAL : 0)); if (!h) { fprintf(f, "%s", dlerror()); fflush(f); _exit(1); }
            dl_iterate_phdr(see, 0); unsigned long list = hash; int n = symbols(h, all % 2); int c = dlclose(h); int before = count; count = 0; hash = 5381; unsigned long s = 0; dl_iterate_phdr(see, 0);
            fprintf(f, "%d objects %lx, %d symbols, closed %d, %d left", before, list, n, c, count); fflush(f); _exit(0); }
        close(p[1]); static char said[8192]; size_t n = 0; ssize_t r; while (n < sizeof said - 1 && (r = read(p[0], said + n, sizeof said - 1 - n)) > 0) n += r; said[n] = 0; close(p[0]);
        int status; waitpid(child, &status, 0); all++; good += status == 0; printf("%s: %s%s%d\n", name, said, WIFSIGNALED(status) ? " signal " : " exit ", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)); }
    printf("%d of %d opened\n", good, all); return 0; }
P
gcc -w -O1 p.c -o p -ldl || exit
# Not those whose static TLS the system's loader has no room for, where ld-rs.so has.
find /usr/lib /opt/pypi -regex '.*\.so\(\.[0-9.]*\)?' -type f -not -name 'ld-linux*' |
    grep -vE '/lib(clang_rt\.(scudo|tsan)|jemalloc|lsan|tsan)' | sort >all; ./p <all >said; echo $?; cat said
