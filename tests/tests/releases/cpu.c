// What the loader tells of the CPU: each leaf that <sys/platform/x86.h> can read, as CPUID gives it and what of it
// programs may use; what getauxval makes of AT_HWCAP; GLRO(dl_platform), which is at 8 in every version; and
// _rtld_global_ro word by word, each with its offset.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/platform/x86.h>

int main(void)
{
    for (unsigned leaf = 0; leaf < 16; leaf++) {
        const unsigned *words = (const unsigned *)__x86_get_cpuid_feature_leaf(leaf);
        printf("%2u:", leaf);
        for (int word = 0; word < 8; word++)
            // CPUID.1:EBX, bits 24 to 31: the processor that the loader happened to run on.
            printf(" %08x", leaf == 0 && word == 1 ? words[word] & 0xffffff : words[word]);
        printf("\n");
    }
    const unsigned *area = dlsym(RTLD_DEFAULT, "_rtld_global_ro");
    printf("hwcap %lx %lx\n", getauxval(AT_HWCAP), getauxval(AT_HWCAP2));
    printf("platform %s\nglibc %s\n", *(const char **)(area + 2), gnu_get_libc_version());
    for (int word = 0; word < 160; word++)
        printf("@%d %08x\n", 4 * word, area[word]);
}
