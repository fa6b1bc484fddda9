#include <stdlib.h>
int width(void)
{
    wchar_t wide;
    return mbtowc(&wide, "\xc3\xa4", 2);
}
