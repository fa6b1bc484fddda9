void throws()
{
    throw "from b";
}
