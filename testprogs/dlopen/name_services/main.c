//@ about: getpwnam, getgrnam, getservbyname and getaddrinfo work, in threads too: libc opens NSS modules itself.
//@ libc: glibc,musl
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>

static void *looks(void *unused)
{
    struct passwd entry, *user = NULL;
    char text[4096];
    check_eq(getpwnam_r("root", &entry, text, sizeof text, &user), 0);
    check(user && user->pw_uid == 0);
    check_eq(getpwnam_r("no_such_user_at_all", &entry, text, sizeof text, &user), 0);
    check(!user);
    struct addrinfo *list = NULL, hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    check_eq(getaddrinfo("localhost", "80", &hints, &list), 0);
    check_eq(((struct sockaddr_in *)list->ai_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    freeaddrinfo(list);
    return unused;
}

int main(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = started(looks, NULL);
    for (int i = 0; i < 4; i++)
        joined(threads[i]);
    looks(NULL);
    check(getgrnam("root"));
    struct servent *service = getservbyname("http", "tcp");
    check(service && ntohs((uint16_t)service->s_port) == 80);
    say("ok\n");
}
