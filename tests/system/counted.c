/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counted MILLIONS: runs a loop of so many million instructions, twice. Prints how many the kernel's perf events have counted
 * of it, and how many samples of one in 100,000 cycles it got: with -icount, QEMU counts a cycle for each instruction.
 */

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PERIOD 100000
#define PAGES 64

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_event(unsigned event_number, unsigned long long period)
{
	struct perf_event_attr event = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(event),
		.config = event_number,
		.sample_period = period,
		.sample_type = PERF_SAMPLE_IP,
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	const int file = (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);

	if (file < 0) {
		fail("perf_event_open");
	}
	return file;
}

/* Four instructions a round. */
static void run(long long instructions)
{
	long long rounds = instructions / 4;

	__asm__ volatile("1: nop\n\tnop\n\tsubs %0, %0, #1\n\tb.ne 1b" : "+r"(rounds) : : "cc");
}

static long long count(long long instructions)
{
	const int file = open_event(PERF_COUNT_HW_INSTRUCTIONS, 0);
	long long counted = 0;

	ioctl(file, PERF_EVENT_IOC_ENABLE, 0);
	run(instructions);
	ioctl(file, PERF_EVENT_IOC_DISABLE, 0);
	if (read(file, &counted, sizeof(counted)) != sizeof(counted)) {
		fail("read");
	}
	close(file);
	return counted;
}

static long sample(long long instructions)
{
	const int file = open_event(PERF_COUNT_HW_CPU_CYCLES, PERIOD);
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct perf_event_mmap_page *const ring = mmap(NULL, (PAGES + 1) * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	const char *const data = (const char *)ring + page;
	long samples = 0;

	if (ring == MAP_FAILED) {
		fail("mmap");
	}
	ioctl(file, PERF_EVENT_IOC_ENABLE, 0);
	run(instructions);
	ioctl(file, PERF_EVENT_IOC_DISABLE, 0);
	for (unsigned long long at = 0; at < ring->data_head;) {
		const struct perf_event_header *const record = (const void *)(data + at % (PAGES * page));

		samples += record->type == PERF_RECORD_SAMPLE;
		at += record->size;
	}
	return samples;
}

int main(int argc, char **argv)
{
	const long long instructions = (argc > 1 ? atoi(argv[1]) : 100) * 1000000LL;
	const long long counted = count(instructions);
	const long samples = sample(instructions);
	const long long expected = instructions / PERIOD;

	printf("counted: %lld of %lld, %ld samples of %lld\n", counted, instructions, samples, expected);
	printf("counted %s\n", llabs(counted - instructions) * 100 <= instructions ? "right" : "wrong");
	printf("sampled %s\n", llabs(samples - expected) * 20 <= expected ? "right" : "wrong");
	return 0;
}
