// Threads open and close a graph of libraries (lib.c) whose constructors and destructors open and close others of it, throw,
// fork, end their thread; in the end one calls exit() while the others are still at it. main(SECONDS, WHAT, PATIENCE) watches
// over a process for each round of some tenths of a second. WHAT is letters:
//   t  there are six threads; else the process is one thread, and a round does what its number says
//   d  destructors ask for themselves and for others, and open others; glibc, which has decided before what goes, constructs
//      again what is asked for in its own destructor, or leaves a handle to what is not there
//   c  constructors throw, which is caught outside of dlopen, or outside of the dlopen that called the one in whose
//      constructor this one stands
//   f  fork, from threads, constructors and (with d) destructors: the child opens and closes, and leaves by exit(), at times in a
//      constructor
//   s  posix_spawn, and vfork with exec, of a program that opens and closes
//   p  a constructor leaves by pthread_exit
// A round in which nobody takes a step for PATIENCE seconds hangs: what each thread of it is at is told. No check looks at
// a clock.
#include "../parts/dl.h"
#include <atomic>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum { LIBRARIES = 12, THREADS = 6, NOTES = 1024, DEEPEST = 4, TRAIL = 12 };
enum state { MAPPED, BEGUN, COMPLETE, ENDING, ENDED };

// What a thread is at, outermost first; in memory that the processes share.
struct note {
    std::atomic<int> process, thread, depth;
    struct {
        const char *what; // of the program's text, which is at one place in all but what was spawned
        int who;
    } trail[TRAIL];
};
static struct shared {
    std::atomic<unsigned long> steps, notes, opens, throws, forks, spawns, left, rounds;
    struct note note[NOTES];
} *shared;

static const char *what = "";
static bool may(char letter)
{
    return strchr(what, letter);
}

struct self {
    unsigned seed;
    int deep;     // constructors and destructors, one inside of the other
    int leaves;   // by pthread_exit, in the next constructor
    int opens;    // what it opened then
    bool brief;   // the thread ends soon
    bool child;   // a process that fork made: what the parent's other threads had begun is never finished there
    bool in_dtor; // what is thrown does not pass a destructor
    struct note *note;
};
static thread_local struct self self;
static std::atomic<int> alive[LIBRARIES];
static std::atomic<bool> stop, exiting;
// Nobody forks while exit() has the lock of libc's list of handlers, which the child would never see free.
static pthread_rwlock_t fork_or_exit = PTHREAD_RWLOCK_INITIALIZER;
static char *program;

static unsigned one_of(unsigned n)
{
    self.seed = self.seed * 1103515245 + 12345;
    return (self.seed >> 16) % n;
}

static void begin_thread(unsigned seed)
{
    self.seed = seed;
    self.note = &shared->note[shared->notes++ % NOTES];
    self.note->depth = 0;
    self.note->process = getpid();
    self.note->thread = gettid();
}
// A step: begins with it and ends with the scope, also when that is left by an exception.
struct step {
    int depth;
    step(const char *what, int who) : depth(self.note->depth)
    {
        shared->steps++;
        if (depth < TRAIL) {
            self.note->trail[depth].what = what;
            self.note->trail[depth].who = who;
        }
        self.note->depth = depth + 1;
    }
    ~step()
    {
        shared->steps++;
        self.note->depth = depth;
    }
};
static void tell_notes()
{
    for (auto &note : shared->note) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/task/%d/wchan", note.process.load(), note.thread.load());
        int file = note.process ? open(path, O_RDONLY) : -1;
        if (file < 0)
            continue;
        char where[64] = "";
        (void)!read(file, where, sizeof where - 1);
        close(file);
        dprintf(2, "  %d/%d (%s):", note.process.load(), note.thread.load(), where);
        for (int i = 0; i < note.depth && i < TRAIL; i++)
            dprintf(2, " > %s %d", note.trail[i].what, note.trail[i].who);
        dprintf(2, "\n");
    }
}

typedef void *(*opener)(const char *, int);
// By a pointer: the declaration says that it does not throw.
static volatile opener open_it = (opener)dlopen;

// What can be said whatever others do: nobody throws, no process is a child, nothing was ended by exit().
static bool strict()
{
    return !may('c') && !may('p') && !self.child && !exiting;
}

static void fork_one();

// Asks for what is there, and gives back that handle and `more`: those of dlopens that were left by an exception or the end
// of their thread, which are given out all the same. So it may be with this one, for constructors that were not reached then
// run now. Answers whether it was there.
static bool ask_and_give_back(int who, int more)
{
    char name[32];
    snprintf(name, sizeof name, "libg%d.so", who);
    step step("ask for", who);
    for (void *handle;; more++) {
        try {
            handle = open_it(name, RTLD_NOW | RTLD_NOLOAD);
        } catch (int) {
            continue;
        }
        for (int i = 0; handle && i <= more; i++)
            closed(handle);
        return handle;
    }
}

static void open_use_close(int who)
{
    char name[32], symbol[32];
    snprintf(name, sizeof name, "libg%d.so", who);
    step step("open", who);
    shared->opens++;
    void *handle = nullptr;
    try {
        handle = open_it(name, one_of(2) ? RTLD_NOW : RTLD_LAZY);
    } catch (int thrown) {
        check(ask_and_give_back(who, 1));
        // On through the constructor or destructor in which this stands, or not.
        if (self.deep && !self.in_dtor && one_of(2))
            throw;
        return;
    }
    must(handle);
    snprintf(symbol, sizeof symbol, "state_%d", who);
    int state = ((int (*)())found(handle, symbol))();
    if (strict() && self.deep == 0)
        check_eq(state, COMPLETE);
    snprintf(symbol, sizeof symbol, "use_%d", who);
    check(((int (*)(int))found(handle, symbol))(2) >= who);
    snprintf(symbol, sizeof symbol, "touch_%d", who);
    // The mark is the same in a child of fork. What a thread keeps until it ends stays open: not in those that last.
    check(((int (*)(int, int))found(handle, symbol))((int)(uintptr_t)&self, self.brief && one_of(2)));
    {
        struct step step("close", who);
        closed(handle);
    }
}

extern "C" void touched()
{
    shared->steps++;
}
extern "C" void begins(int who)
{
    if (self.note == nullptr)
        begin_thread((unsigned)who);
    step step("constructor", who);
    int before = alive[who]++;
    check(before == 0 || self.child);
    if (self.leaves) {
        self.leaves = 0;
        shared->left++;
        pthread_exit((void *)(long)self.opens);
    }
    self.deep++;
    bool in_dtor = self.in_dtor;
    self.in_dtor = false;
    struct restore {
        bool in_dtor;
        ~restore()
        {
            self.in_dtor = in_dtor;
            self.deep--;
        }
    } restore{in_dtor};
    if (self.deep < DEEPEST && one_of(3) == 0)
        open_use_close((int)one_of(LIBRARIES));
    if (may('f') && one_of(60) == 0)
        fork_one();
    if (self.child && one_of(8) == 0)
        exit(0);
    if (may('c') && one_of(6) == 0) {
        shared->throws++;
        throw who;
    }
}
extern "C" void ends(int who)
{
    if (self.note == nullptr)
        begin_thread((unsigned)who);
    step step("destructor", who);
    self.deep++;
    bool in_dtor = self.in_dtor;
    self.in_dtor = true;
    if (may('d')) {
        check(ask_and_give_back(who, 0));
        ask_and_give_back((int)one_of(LIBRARIES), 0);
        if (self.deep < DEEPEST && one_of(3) == 0)
            open_use_close((int)one_of(LIBRARIES));
        if (may('f') && one_of(60) == 0)
            fork_one();
    }
    int before = alive[who]--;
    check(before == 1 || self.child);
    self.in_dtor = in_dtor;
    self.deep--;
}

static void wait_for(pid_t child)
{
    step step("wait for", (int)child);
    int status;
    check_eq(waitpid(child, &status, 0), child);
    check_eq(status, 0);
}
static void fork_one()
{
    if (self.child || pthread_rwlock_tryrdlock(&fork_or_exit) != 0)
        return;
    pid_t child;
    {
        step step("fork", 0);
        shared->forks++;
        child = fork();
    }
    if (child == 0) {
        begin_thread(self.seed + 1);
        self.child = true;
        for (int i = 0; i < 3; i++) {
            // What is thrown here is caught here: the frames below belong to the parent.
            try {
                open_use_close((int)one_of(LIBRARIES));
            } catch (int) {
            }
        }
        step step("exit", 0);
        exit(0);
    }
    pthread_rwlock_unlock(&fork_or_exit);
    check(child > 0);
    wait_for(child);
}
static void spawn_one()
{
    char *arguments[] = {program, (char *)"0", (char *)"", (char *)"0", nullptr};
    step step("spawn", 0);
    shared->spawns++;
    pid_t child;
    if (one_of(2)) {
        check_eq(posix_spawn(&child, program, nullptr, nullptr, arguments, environ), 0);
    } else {
        child = vfork();
        if (child == 0) {
            execve(program, arguments, environ);
            _exit(126);
        }
        check(child > 0);
    }
    wait_for(child);
}

static void *brief(void *leaves)
{
    begin_thread((unsigned)(long)leaves * 77 + (unsigned)gettid());
    int who = (int)one_of(LIBRARIES);
    char name[32];
    snprintf(name, sizeof name, "libg%d.so", who);
    self.leaves = leaves != nullptr;
    self.opens = who;
    self.brief = true;
    try {
        step step("brief open", who);
        void *handle = open_it(name, RTLD_NOW);
        self.leaves = 0;
        closed(must(handle));
        open_use_close(who);
    } catch (int) {
        self.leaves = 0;
        check(ask_and_give_back(who, 1));
    }
    return (void *)-1L;
}
static void brief_thread()
{
    bool leaves = may('p') && one_of(2);
    step step("thread", leaves);
    long left = (long)joined(started(brief, (void *)(long)leaves));
    if (left >= 0)
        check(ask_and_give_back((int)left, 1));
}

static void one_thing()
{
    unsigned choice = one_of(100);
    if (choice < 1 && may('s'))
        spawn_one();
    else if (choice < 4 && may('f'))
        fork_one();
    else if (choice < 12 && may('t'))
        brief_thread();
    else
        open_use_close((int)one_of(LIBRARIES));
}
static void *at_it(void *seed)
{
    begin_thread((unsigned)(long)seed);
    while (!stop)
        one_thing();
    return nullptr;
}

static void all_gone()
{
    // What a thread's end or a constructor kept goes with the next dlclose.
    what = "";
    closed(opened("libg11.so", RTLD_NOW));
    for (int i = 0; i < LIBRARIES; i++) {
        char name[32];
        snprintf(name, sizeof name, "/libg%d.so", i);
        check_gone(name);
        check_eq(alive[i], 0);
    }
}
static void *leaves_by_exit(void *)
{
    if (self.note == nullptr)
        begin_thread(1);
    step step("exit", 3);
    pthread_rwlock_wrlock(&fork_or_exit);
    exiting = true;
    exit(3);
}
// Odd rounds join all threads, and nothing may be left; even ones call exit() among them.
static void one_round(unsigned seed)
{
    begin_thread(seed);
    if (!may('t')) {
        for (int i = 0; i < 200; i++)
            one_thing();
        all_gone();
        leaves_by_exit(nullptr);
    }
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        threads[i] = started(at_it, (void *)(seed * 100L + i));
    usleep((seed * 7919 % 300 + 20) * 1000);
    if (seed % 2) {
        step step("join", 0);
        stop = true;
        for (auto thread : threads)
            joined(thread);
        all_gone();
    } else if (seed % 4) {
        started(leaves_by_exit, nullptr);
        pause();
    }
    leaves_by_exit(nullptr);
}

// Waits until the round and all that it left behind have ended.
static void watch(pid_t round, unsigned number, int patience)
{
    unsigned long steps = shared->steps;
    for (int waited = 0;;) {
        int status;
        pid_t ended = waitpid(-1, &status, WNOHANG);
        if (ended < 0)
            return;
        if (ended > 0) {
            if (status != (ended == round ? 3 << 8 : 0)) {
                dprintf(2, "round %u: process %d ended with status %#x\n", number, ended, status);
                tell_notes();
                exit(1);
            }
            continue;
        }
        usleep(2000);
        waited = steps == shared->steps ? waited + 1 : 0;
        steps = shared->steps;
        if (waited >= patience * 500) {
            dprintf(2, "round %u hangs; where its threads are:\n", number);
            tell_notes();
            kill(round, SIGKILL);
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    check_eq(argc, 4);
    program = argv[0];
    shared = (struct shared *)mmap(nullptr, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(shared != MAP_FAILED);
    what = argv[2];
    if (atoi(argv[1]) == 0) {
        begin_thread((unsigned)getpid());
        for (int i = 0; i < 3; i++)
            open_use_close((int)one_of(LIBRARIES));
        exit(0);
    }
    // What a round that left by exit() was still waiting for becomes ours.
    check_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    time_t end = time(nullptr) + atoi(argv[1]);
    for (unsigned number = 0; time(nullptr) < end; number++) {
        pid_t round = fork();
        check(round >= 0);
        if (round == 0)
            one_round(number);
        watch(round, number, atoi(argv[3]));
        shared->rounds++;
    }
    if (getenv("COUNTS"))
        dprintf(2, "%lu rounds, %lu openings, %lu exceptions, %lu forks, %lu spawned, %lu threads left a constructor\n",
                shared->rounds.load(), shared->opens.load(), shared->throws.load(), shared->forks.load(), shared->spawns.load(),
                shared->left.load());
    say("ok\n");
}
