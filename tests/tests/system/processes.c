/* fork from a thread, thread-specific data, a signal handler, a child by popen, exit handlers. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread int value = 5;
static pthread_key_t key;

static void destroy(void *arg) { printf("destroyed %s\n", (char *)arg); }
static void bye(void) { printf("exit handler\n"); }

static volatile sig_atomic_t signals;
static void on_signal(int n) { signals += n == SIGUSR1; }

static void *forks(void *arg)
{
    pthread_setspecific(key, arg);
    value = 9;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        value++;
        printf("child: %d\n", value);
        fflush(stdout);
        _exit(value);
    }
    int status;
    waitpid(pid, &status, 0);
    printf("child gave %d, parent has %d\n", WEXITSTATUS(status), value);
    return 0;
}

int main(void)
{
    pthread_t thread;
    atexit(bye);
    pthread_key_create(&key, destroy);
    pthread_create(&thread, 0, forks, "key");
    pthread_join(thread, 0);
    printf("initial thread has %d\n", value);
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    printf("signals: %d\n", signals);
    FILE *f = popen("echo popen", "r");
    char line[16];
    printf("%s", fgets(line, sizeof line, f));
    printf("pclose: %d\n", pclose(f));
    return 3;
}
