/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile stand-in for qemu-storage-daemon: serves a disk over vhost-user [vhost-user], and does what no backend may do to
 * the driver, as HOSTILE in the environment says:
 *
 *   silent     takes requests and answers none
 *   ids        completes requests that were never made
 *   lengths    says that it wrote more than there is room for
 *   index      lets the index of what it used run ahead, and back
 *   calls      interrupts as fast as it can
 *   scribble   overwrites all of the memory, again and again
 *   replies    answers the frontend with messages of the wrong size and kind
 *   leaves     ends each connection in the middle
 */

#define _GNU_SOURCE
#include <errno.h>
#include <linux/virtio_blk.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum request {
	GET_FEATURES = 1,
	SET_MEMORY_TABLE = 5,
	SET_QUEUE_SIZE = 8,
	SET_QUEUE_ADDRESSES = 9,
	SET_QUEUE_KICK = 12,
	SET_QUEUE_CALL = 13,
	GET_PROTOCOL_FEATURES = 15,
	GET_QUEUE_COUNT = 17,
	ENABLE_QUEUE = 18,
	GET_CONFIG = 24,
	GET_IN_FLIGHT = 31,
};

#define VERSION 1u
#define IS_REPLY 4u
#define NEEDS_REPLY 8u
#define PROTOCOL_FEATURES (1ull << 30)
#define SPOKEN (1ull << 0 | 1ull << 3 | 1ull << 9) /* queue count, acknowledgements, configuration */

struct message {
	uint32_t request, flags, size;
	unsigned char payload[1024];
};

struct used_element {
	uint32_t id, length;
};

static struct {
	unsigned char *memory;
	uint64_t address, size;
	uint64_t available, used;
	uint32_t entries;
	int kick, call;
	volatile int runs;
} device = {.kick = -1, .call = -1};

static const char *manner;
static unsigned long long numbers = 88172645463325252ull;

static int is(const char *name)
{
	return strcmp(manner, name) == 0;
}

static uint64_t number(void)
{
	numbers ^= numbers << 13;
	numbers ^= numbers >> 7;
	numbers ^= numbers << 17;
	return numbers;
}

static void *at(uint64_t address)
{
	return device.memory + (address - device.address);
}

static void interrupt(void)
{
	const uint64_t one = 1;

	if (write(device.call, &one, sizeof(one)) < 0 && errno != EAGAIN) {
		exit(EXIT_FAILURE);
	}
}

static void use(uint16_t index, uint32_t id, uint32_t length)
{
	volatile struct used_element *const ring = (struct used_element *)((char *)at(device.used) + 4);

	ring[index % device.entries].id = id;
	ring[index % device.entries].length = length;
}

static void set_index(uint16_t index)
{
	__sync_synchronize();
	*(volatile uint16_t *)((char *)at(device.used) + 2) = index;
	interrupt();
}

static void scribble(void)
{
	for (uint64_t i = 0; i + 8 <= device.size; i += 8) {
		const uint64_t value = number();

		memcpy(device.memory + i, &value, sizeof(value));
	}
	interrupt();
}

/* Once a driver has made something available. */
static void attack(void)
{
	uint16_t index = 0;

	for (;;) {
		const uint16_t available = *(volatile uint16_t *)((char *)at(device.available) + 2);

		if (is("calls")) {
			interrupt();
			continue;
		}
		if (is("scribble")) {
			scribble();
			continue;
		}
		if (available == index || is("silent")) {
			usleep(1000);
			continue;
		}
		if (is("ids")) {
			use(index, (uint32_t)number(), 1);
		} else {
			use(index, *(volatile uint16_t *)((char *)at(device.available) + 4 + index % device.entries * 2),
			    is("lengths") ? 0xffffffff : 1);
		}
		index += is("index") ? (uint16_t)(1 + number() % 1000) : 1;
		set_index(index);
	}
}

static void *work(void *unused)
{
	uint64_t count;

	(void)unused;
	if (read(device.kick, &count, sizeof(count)) == sizeof(count)) {
		attack();
	}
	return NULL;
}

static uint64_t word(const struct message *message, unsigned int index)
{
	uint64_t value;

	memcpy(&value, message->payload + 8 * index, sizeof(value));
	return value;
}

static void take_memory(const struct message *message, int file)
{
	device.address = word(message, 1);
	device.size = word(message, 2);
	device.memory = mmap(NULL, device.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (device.memory == MAP_FAILED) {
		exit(EXIT_FAILURE);
	}
}

static int reply(int peer, struct message *message, const void *payload, uint32_t size)
{
	message->flags = VERSION | IS_REPLY;
	message->size = size;
	memcpy(message->payload, payload, size);
	if (is("replies") && message->request != GET_FEATURES && number() % 3 == 0) {
		message->request += (uint32_t)(number() % 2);
		message->size += (uint32_t)(number() % 900);
	}
	return send(peer, message, 12 + (message->size < 1024 ? message->size : 1024), MSG_NOSIGNAL) > 0;
}

/* Memory for requests in flight, which the frontend asks for whether it is offered or not. */
static int give_memory(int peer, struct message *message)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	const uint64_t size = 4096;
	const int memory = memfd_create("in-flight", 0);
	struct iovec part = {.iov_base = message, .iov_len = 12 + message->size};
	struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *const rights = CMSG_FIRSTHDR(&head);
	int sent;

	if (memory < 0 || ftruncate(memory, (off_t)size) != 0) {
		return 0;
	}
	message->flags = VERSION | IS_REPLY;
	memcpy(message->payload, &size, sizeof(size));
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(memory));
	memcpy(CMSG_DATA(rights), &memory, sizeof(memory));
	sent = sendmsg(peer, &head, MSG_NOSIGNAL) > 0;
	close(memory);
	return sent;
}

static int answer(int peer, struct message *message, int file)
{
	uint64_t value = 0;
	struct virtio_blk_config config = {.capacity = 2048, .size_max = 4096, .seg_max = 60, .blk_size = 512};

	switch (message->request) {
	case GET_FEATURES:
		value = PROTOCOL_FEATURES | 1ull << 32 | 1ull << VIRTIO_BLK_F_SIZE_MAX | 1ull << VIRTIO_BLK_F_SEG_MAX;
		return reply(peer, message, &value, sizeof(value));
	case GET_PROTOCOL_FEATURES:
		value = SPOKEN;
		return reply(peer, message, &value, sizeof(value));
	case GET_QUEUE_COUNT:
		value = 1;
		return reply(peer, message, &value, sizeof(value));
	case GET_CONFIG: {
		unsigned char bytes[12 + 60];

		memcpy(bytes, message->payload, 12);
		memcpy(bytes + 12, &config, sizeof(bytes) - 12);
		return reply(peer, message, bytes, sizeof(bytes));
	}
	case GET_IN_FLIGHT:
		return give_memory(peer, message);
	case SET_MEMORY_TABLE:
		take_memory(message, file);
		break;
	case SET_QUEUE_SIZE:
		device.entries = (uint32_t)(word(message, 0) >> 32);
		break;
	case SET_QUEUE_ADDRESSES:
		device.used = word(message, 2);
		device.available = word(message, 3);
		break;
	case SET_QUEUE_KICK:
		device.kick = file;
		break;
	case SET_QUEUE_CALL:
		device.call = file;
		break;
	case ENABLE_QUEUE:
		if (is("leaves")) {
			return 0;
		}
		if (!device.runs) {
			pthread_t thread;

			device.runs = 1;
			pthread_create(&thread, NULL, work, NULL);
		}
		break;
	default:
		break;
	}
	value = 0;
	return (message->flags & NEEDS_REPLY) == 0 || reply(peer, message, &value, sizeof(value));
}

static int receive(int peer, struct message *message, int *file)
{
	char control[CMSG_SPACE(sizeof(int) * 8)];
	struct iovec part = {.iov_base = message, .iov_len = 12};
	struct msghdr head = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};

	*file = -1;
	if (recvmsg(peer, &head, MSG_WAITALL) != 12 || message->size > sizeof(message->payload)) {
		return 0;
	}
	for (struct cmsghdr *rights = CMSG_FIRSTHDR(&head); rights; rights = CMSG_NXTHDR(&head, rights)) {
		if (rights->cmsg_type == SCM_RIGHTS) {
			memcpy(file, CMSG_DATA(rights), sizeof(*file));
		}
	}
	return message->size == 0 || recv(peer, message->payload, message->size, MSG_WAITALL) == (ssize_t)message->size;
}

int main(int count, char **arguments)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = count > 1 ? strstr(arguments[count - 1], "addr.path=") : NULL;
	const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	int peer;

	manner = getenv("HOSTILE");
	if (!path || !manner) {
		fprintf(stderr, "backend: no path, or HOSTILE does not say how\n");
		return EXIT_FAILURE;
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path + strlen("addr.path="));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listener, 1) != 0) {
		perror("backend");
		return EXIT_FAILURE;
	}
	while ((peer = accept(listener, NULL, NULL)) >= 0) {
		static struct message message;
		int file;

		while (receive(peer, &message, &file) && answer(peer, &message, file)) {
		}
		close(peer);
		if (device.runs) {
			return EXIT_FAILURE; /* its thread may be anywhere in the memory: the next one starts anew */
		}
	}
	return EXIT_SUCCESS;
}
