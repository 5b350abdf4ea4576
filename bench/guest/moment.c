/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of a guest whose boot is measured: says what the virtual counter is.
 *
 * The counter is read before anything else. Below a hypervisor that began the counter at a moment of its own and does not
 * tell which, the kernel's command line has `moment=off`: then this switches the machine off, whose end has a time, and puts
 * a line into the kernel's log, whose times tell how long that took.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

static uint64_t counter(void)
{
	uint64_t value;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
	return value;
}

static uint64_t counter_frequency(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
	return value;
}

static void log_to_kernel(const char *text)
{
	int kernel_log;

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	kernel_log = open("/dev/kmsg", O_WRONLY);
	if (kernel_log < 0 || write(kernel_log, text, strlen(text)) < 0) {
		perror("/dev/kmsg");
	}
	close(kernel_log);
}

/* The kernel hands its command line's words that it does not know to the first process. */
static int shall_switch_off(char **environment)
{
	for (; *environment; ++environment) {
		if (strcmp(*environment, "moment=off") == 0) {
			return 1;
		}
	}
	return 0;
}

int main(int count, char **arguments, char **environment)
{
	const uint64_t ticks = counter();
	const int off = shall_switch_off(environment);

	(void)count;
	(void)arguments;
	if (off) {
		log_to_kernel("<4>first process\n");
	}
	printf("moment {\"ticks\":%llu,\"hz\":%llu}\nbench ended 0\n", (unsigned long long)ticks,
	       (unsigned long long)counter_frequency());
	fflush(stdout);
	if (off) {
		reboot(RB_POWER_OFF);
	}
	for (;;) {
		pause();
	}
}
