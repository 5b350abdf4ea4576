// SPDX-License-Identifier: Apache-2.0
// service PIDFILE PROGRAM ARGUMENT...: what systemd does for a service of the type "notify", in a host without systemd: it keeps
// descriptors that the program gives it, and starts the program again with them when a signal has killed it [sd_notify(3)].

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTIFY "/run/notify"
#define MOST 16
#define FIRST 3    // SD_LISTEN_FDS_START
#define ASIDE 100  // where descriptors are kept

static struct {
    char name[64];
    int descriptor;
} kept[MOST];
static int count;

static void fail(const char* what) {
    perror(what);
    exit(1);
}

static void drop(const char* name) {
    for (int i = 0; i < count;) {
        if (strcmp(kept[i].name, name) == 0) {
            close(kept[i].descriptor);
            kept[i] = kept[--count];
        } else {
            ++i;
        }
    }
}

static void hear(int socket) {
    char text[256] = "";
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {text, sizeof text - 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) < 0) {
        fail("recvmsg");
    }
    char name[64] = "";
    const char* const at = strstr(text, "FDNAME=");
    if (at != NULL) {
        sscanf(at, "FDNAME=%63[^\n]", name);
    }
    struct cmsghdr* const rights = CMSG_FIRSTHDR(&message);
    if (rights != NULL && count < MOST) {
        int descriptor;
        memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
        kept[count].descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, ASIDE);
        memcpy(kept[count++].name, name, sizeof name);
        close(descriptor);
    } else if (strstr(text, "FDSTOREREMOVE=1") != NULL) {
        drop(name);
    }
}

static pid_t start(const char* pid_file, char** arguments) {
    const pid_t child = fork();
    if (child < 0) {
        fail("fork");
    }
    if (child == 0) {
        char number[16], names[MOST * 64] = "";
        for (int i = 0; i < count; ++i) {
            dup2(kept[i].descriptor, FIRST + i);
            strcat(strcat(names, i == 0 ? "" : ":"), kept[i].name);
        }
        snprintf(number, sizeof number, "%d", (int)getpid());
        setenv("LISTEN_PID", number, 1);
        snprintf(number, sizeof number, "%d", count);
        setenv("LISTEN_FDS", number, 1);
        setenv("LISTEN_FDNAMES", names, 1);
        execvp(arguments[0], arguments);
        fail(arguments[0]);
    }
    FILE* const file = fopen(pid_file, "w");
    if (file == NULL || fprintf(file, "%d\n", (int)child) < 0 || fclose(file) != 0) {
        fail(pid_file);
    }
    return child;
}

int main(int arguments, char** argument) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = NOTIFY};
    const int socket_ = fcntl(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), F_DUPFD_CLOEXEC, ASIDE);
    unlink(NOTIFY);
    if (arguments < 3 || bind(socket_, (const struct sockaddr*)&address, sizeof address) != 0) {
        fail(NOTIFY);
    }
    setenv("NOTIFY_SOCKET", NOTIFY, 1);
    pid_t child = start(argument[1], argument + 2);
    for (;;) {
        struct pollfd news = {.fd = socket_, .events = POLLIN};
        while (poll(&news, 1, 50) > 0) {
            hear(socket_);
        }
        int status;
        if (waitpid(child, &status, WNOHANG) == child) {
            if (WIFEXITED(status)) {
                return WEXITSTATUS(status);
            }
            printf("service: killed by signal %d, and started again with %d descriptors\n", WTERMSIG(status), count);
            fflush(stdout);
            child = start(argument[1], argument + 2);
        }
    }
}
