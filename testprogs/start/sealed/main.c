//@ about: With LD_RS_SEAL what is protected after start-up is sealed where the kernel can (mseal): code and RELRO of program and libraries can be neither changed nor unmapped; data can.
//@ libc: glibc
//@ build: prog = main.c -Wl,-z,relro,-z,now
//@ env: LD_RS_SEAL=1
//@ stdout: as the kernel can
//@ stdout: data stays as it is
//@ oracle: differs: glibc 2.36 seals nothing

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long data = 1;
static int (*const relocated)(const char *) = puts;

static int refused(const void *place, const char *what)
{
    void *page = (void *)((unsigned long)place & -4096);
    int changed = mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
    int expected = changed ? 0 : errno;
    if (changed)
        printf("%s can be changed\n", what);
    return expected == EPERM;
}

int main(void)
{
    // ENOSYS before Linux 6.10; a null range is nothing to seal.
    if (syscall(462, 0L, 0L, 0L) == 0 || errno != ENOSYS) {
        const void *places[] = {main, puts, &relocated, (void *)((unsigned long)getenv)};
        const char *names[] = {"the program's code", "libc's code", "the program's RELRO", "libc's code once more"};
        for (int i = 0; i < 4; i++)
            if (!refused(places[i], names[i]))
                return 1;
        if (munmap((void *)((unsigned long)main & -4096), 4096) == 0 || errno != EPERM)
            return 2;
    }
    puts("as the kernel can");
    void *page = (void *)((unsigned long)&data & -4096);
    if (mprotect(page, 4096, PROT_READ) || mprotect(page, 4096, PROT_READ | PROT_WRITE))
        return 3;
    data++;
    puts("data stays as it is");
    return 0;
}
