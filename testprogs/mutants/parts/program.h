// The seeds' program: says first that it runs, then what the libraries and the loader gave it.
#include "trace.h"
#include "start.h"

static int (*volatile pointers[])(int) = {twice, chosen, sum};
static __thread int mine = 5;

int main(int argc, char **argv, char **envp)
{
    say("entry\n");
    (void)argc, (void)argv, (void)envp;
    int all = pointers[0](1) + pointers[1](1) + pointers[2](1);
    int counted = count(), local = local_sum() + mine;
    print("%d %d %d %d %d %s\n", (long)all, (long)shared[3], (long)counted, (long)counter, (long)local,
          tables[1]->name);
    return 0;
}
