struct Object {
    int uses = 0;
    ~Object() { uses = -1; }
};
static thread_local Object object;
extern "C" int use()
{
    return ++object.uses;
}
