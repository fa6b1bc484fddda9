//@ about: glibc.cpu.hwcaps in GLIBC_TUNABLES switches features off that the CPU has: programs are told so by <sys/platform/x86.h>, and libc's resolvers choose other functions
//@ rule: GLIBC_TUNABLES: glibc.cpu.hwcaps switches features off, and what is preferred on or off, for the libc's resolvers, <sys/platform/x86.h>, and the subdirectories of glibc-hwcaps.
//@ libc: glibc
//@ build: prog = main.c
//@ stdout: ok

#include "../../parts/again.h"
#include <sys/platform/x86.h>

static const char *const functions[] = {"memcpy", "memset", "strlen", "strchr", "memcmp", "strcpy"};
enum { COUNT = sizeof functions / sizeof *functions };

// Where libc's function is that its resolver chose, in libc.
static unsigned long chosen(const char *name)
{
    Dl_info info;
    void *place = found(RTLD_DEFAULT, name);
    check(dladdr(place, &info) && strstr(info.dli_fname, "libc"));
    return (unsigned long)place - (unsigned long)info.dli_fbase;
}

static void with(char **argv, const char *tunables)
{
    char places[COUNT][24], variable[200];
    char *arguments[COUNT + 2] = {argv[0]}, *variables[] = {variable, NULL};
    for (int i = 0; i < COUNT; i++) {
        snprintf(places[i], sizeof places[i], "%lx", chosen(functions[i]));
        arguments[i + 1] = places[i];
    }
    snprintf(variable, sizeof variable, "GLIBC_TUNABLES=%s", tunables);
    again(arguments, variables);
}

static int changed(char **argv)
{
    int count = 0;
    for (int i = 0; i < COUNT; i++)
        count += strtoul(argv[i + 1], NULL, 16) != chosen(functions[i]);
    return count;
}

int main(int argc, char **argv)
{
    const char *now = getenv("GLIBC_TUNABLES");
    bool avx2 = CPU_FEATURE_PRESENT(AVX2) && CPU_FEATURE_PRESENT(AVX) && CPU_FEATURE_PRESENT(OSXSAVE);
    if (argc != COUNT + 1)
        with(argv, "glibc.cpu.hwcaps=-nothing,-AVX2,-AVX512F,-AVX512VL,-ERMS,-XSAVEC");
    if (strstr(now, "AVX2")) {
        check(!CPU_FEATURE_ACTIVE(AVX2) && !CPU_FEATURE_ACTIVE(AVX512F) && !CPU_FEATURE_ACTIVE(ERMS));
        check(!CPU_FEATURE_ACTIVE(XSAVEC));
        check_eq(CPU_FEATURE_ACTIVE(SSE2), CPU_FEATURE_PRESENT(SSE2));
        check(CPU_FEATURE_ACTIVE(AVX) || !avx2);
        check(!avx2 || changed(argv) >= 4);
        with(argv, "glibc.cpu.hwcaps=-OSXSAVE");
    }
    if (strstr(now, "-OSXSAVE")) {
        check(!CPU_FEATURE_ACTIVE(OSXSAVE) && !CPU_FEATURE_ACTIVE(XSAVE) && !CPU_FEATURE_ACTIVE(XSAVEC));
        check(!CPU_FEATURE_ACTIVE(AVX) && !CPU_FEATURE_ACTIVE(FMA) && !CPU_FEATURE_ACTIVE(AVX512F));
        check(!CPU_FEATURE_ACTIVE(AVX_VNNI) && !CPU_FEATURE_ACTIVE(VAES) && !CPU_FEATURE_ACTIVE(AMX_TILE));
        check_eq(CPU_FEATURE_ACTIVE(BMI2), CPU_FEATURE_PRESENT(BMI2));
        with(argv, "glibc.cpu.hwcaps=Prefer_ERMS,-AVX_Fast_Unaligned_Load,-Fast_Unaligned_Copy,AVX");
    }
    // What is preferred without the feature that it needs stays off, and a feature cannot be switched on.
    check_eq(CPU_FEATURE_ACTIVE(AVX2) != 0, avx2);
    check(changed(argv) > 0 || !avx2);
    say("ok\n");
}
