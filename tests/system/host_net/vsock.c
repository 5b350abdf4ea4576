// SPDX-License-Identifier: Apache-2.0
// vsock send CID PORT | vsock receive PORT: sends its input to the VM or host with this address, once something listens there, or
// writes what comes in one connection.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h> // after what it needs

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void copy(int from, int to)
{
	static char buffer[1 << 16];
	ssize_t got;
	while ((got = read(from, buffer, sizeof buffer)) > 0) {
		for (ssize_t done = 0, wrote; done < got; done += wrote) {
			wrote = write(to, buffer + done, got - done);
			if (wrote < 0)
				die("write");
		}
	}
	if (got < 0)
		die("read");
}

int main(int count, char **words)
{
	struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY};
	int peer = -1;
	if (count == 4 && !strcmp(words[1], "send")) {
		address.svm_cid = strtoul(words[2], NULL, 0);
		address.svm_port = strtoul(words[3], NULL, 0);
		while (peer < 0 || connect(peer, (struct sockaddr *)&address, sizeof address)) {
			if (peer >= 0) {
				close(peer);
				usleep(100000);
			}
			peer = socket(AF_VSOCK, SOCK_STREAM, 0);
			if (peer < 0)
				die("socket");
		}
		copy(0, peer);
		return 0;
	}
	if (count != 3 || strcmp(words[1], "receive"))
		return 2;
	address.svm_port = strtoul(words[2], NULL, 0);
	int listener = socket(AF_VSOCK, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1))
		die("listen");
	peer = accept(listener, NULL, NULL);
	if (peer < 0)
		die("accept");
	copy(peer, 1);
	return 0;
}
