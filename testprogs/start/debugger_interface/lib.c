#include <link.h>

// l_ld = l_addr + p_vaddr of PT_DYNAMIC, which is where the code sees it.
const void *NAME(void) { return _DYNAMIC; }
