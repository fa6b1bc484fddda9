void calls_back(void (*callback)(void))
{
    callback();
    __asm__ volatile("");
}
