// A library whose TLS block is SIZE bytes of DATA and ZERO bytes of .tbss, each aligned to ALIGN;
// WHO_module() says where the loader put it.
#include "layout.h"
#include "names.h"
#ifndef ZERO
#define ZERO 1
#endif
#ifndef ZERO_ALIGN
#define ZERO_ALIGN 1
#endif

#define LETTER_(who) #who
#define LETTER(who) LETTER_(who)
#define HIDDEN __attribute__((visibility("hidden")))
HIDDEN __thread char data[DATA] __attribute__((aligned(ALIGN))) = LETTER(WHO) LETTER(WHO);
HIDDEN __thread char zero[ZERO] __attribute__((aligned(ZERO_ALIGN)));

void NAME(WHO, _module)(struct tls_module *m)
{
    find_own_module(m, data);
    check_eq((unsigned long)data % ALIGN, 0);
    check_eq((unsigned long)zero % ZERO_ALIGN, 0);
}
