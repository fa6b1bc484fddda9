// What <sys/platform/x86.h> tells of the CPU: each leaf as CPUID gives it, and what of it programs may use.
#include <stdio.h>
#include <sys/platform/x86.h>

int main(void)
{
    for (unsigned leaf = 0; leaf < 16; leaf++) {
        const unsigned *words = (const unsigned *)__x86_get_cpuid_feature_leaf(leaf);
        printf("%2u:", leaf);
        for (int word = 0; word < 8; word++)
            printf(" %08x", words[word]);
        printf("\n");
    }
}
