#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* All padding is set. */
static struct msghdr message(struct iovec *part, void *control, unsigned size)
{
    struct msghdr message;
    memset(&message, 0xee, sizeof message);
    message.msg_name = 0, message.msg_namelen = 0;
    message.msg_iov = part, message.msg_iovlen = 1;
    message.msg_control = control, message.msg_controllen = size;
    message.msg_flags = 0;
    return message;
}

int run(void)
{
    int ends[2], pipes[2];
    char text[8] = "hello", got[8] = "";
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) || pipe(pipes))
        return 1;
    struct iovec out = {text, 5}, in = {got, 8};
    struct msghdr sent = message(&out, 0, 0), received = message(&in, 0, 0);
    long count = sendmsg(ends[0], &sent, 0);
    printf("sent %ld, received %ld: %s\n", count, (long)recvmsg(ends[1], &received, 0), got);

    _Alignas(8) char control[CMSG_SPACE(sizeof(int))], answer[CMSG_SPACE(sizeof(int))];
    memset(control, 0xee, sizeof control);
    sent = message(&out, control, sizeof control);
    struct cmsghdr *head = CMSG_FIRSTHDR(&sent);
    head->cmsg_len = CMSG_LEN(sizeof(int)), head->cmsg_level = SOL_SOCKET, head->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(head), &pipes[1], sizeof(int));
    received = message(&in, answer, sizeof answer);
    sendmsg(ends[0], &sent, 0);
    recvmsg(ends[1], &received, 0);
    head = CMSG_FIRSTHDR(&received);
    int passed = -1;
    if (head && head->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(&passed, CMSG_DATA(head), sizeof passed);
    long written = write(passed, "x", 1);
    printf("descriptor %ld: %s\n", written, written == 1 && read(pipes[0], got, 1) == 1 ? "works" : "does not");

    struct iovec parts[4] = {{"ab", 2}, {"cd", 2}, {got, 2}, {got + 3, 2}};
    memset(got, 0, sizeof got);
    struct mmsghdr many[2] = {{message(&parts[0], 0, 0), 0}, {message(&parts[1], 0, 0), 0}};
    int sents = sendmmsg(ends[0], many, 2, 0);
    struct mmsghdr back[2] = {{message(&parts[2], 0, 0), 0}, {message(&parts[3], 0, 0), 0}};
    int backs = recvmmsg(ends[1], back, 2, 0, 0);
    printf("sent %d messages, received %d: %s %s\n", sents, backs, got, got + 3);

    static char large[2048];
    sent = message(&out, large, sizeof large);
    count = sendmsg(ends[0], &sent, 0);
    printf("too much control data: %ld %d\n", count, errno);
    return 0;
}
