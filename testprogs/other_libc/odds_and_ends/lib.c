#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <utmpx.h>

static void *nothing(void *argument) { return argument; }

int run(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    int set = pthread_attr_setstacksize(&attributes, 4096), made = pthread_create(&thread, &attributes, nothing, 0);
    if (!made)
        pthread_join(thread, 0);
    printf("stack %d %d %d\n", set, made, pthread_attr_setstacksize(&attributes, 1));

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char host[64] = "";
    int named = getnameinfo((void *)&address, sizeof address, host, sizeof host, 0, 0, NI_NUMERICHOST | NI_NUMERICSCOPE);
    printf("name %d %s\n", named, host);

    char *argv[] = {"prog", "-a", "-b", "word", "-c", 0};
    char options[8] = "";
    int count = 0, option;
    optind = 1;
    while ((option = getopt(5, argv, "abc")) != -1)
        options[count++] = option;
    printf("options %s, first argument at %d\n", options, optind);

    setutxent();
    printf("%s logged in\n", getutxent() ? "somebody" : "nobody");
    endutxent();
    return 0;
}
