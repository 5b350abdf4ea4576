/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debugged COUNT: a debugger and what it debugs. The child writes a variable COUNT times, which a hardware watchpoint
 * reports, then runs a hardware breakpoint's function COUNT times, then is stepped COUNT times. Prints what was counted.
 */

#define _GNU_SOURCE
#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <asm/ptrace.h>
#include <unistd.h>

static volatile long watched, other;

__attribute__((noinline)) void function(void)
{
	__asm__ volatile("" ::: "memory");
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* One hardware point [Linux Documentation/arch/arm64, struct user_hwdebug_state]. */
static void set_point(pid_t child, int kind, unsigned long address, unsigned control)
{
	struct user_hwdebug_state state = {.dbg_regs = {{.addr = address, .ctrl = control}}};
	struct iovec all = {&state, offsetof(struct user_hwdebug_state, dbg_regs) + sizeof(state.dbg_regs[0])};

	if (ptrace(PTRACE_SETREGSET, child, (void *)(long)kind, &all) != 0) {
		fail("PTRACE_SETREGSET");
	}
}

/* Lets it run until something else than the point stops it. @return how often that was the point, with a step behind it */
static int count_hits(pid_t child, int kind, unsigned long address, unsigned control, int steps_over)
{
	int hits = 0, status;
	siginfo_t information;

	for (;;) {
		set_point(child, kind, address, control);
		ptrace(PTRACE_CONT, child, NULL, NULL);
		waitpid(child, &status, 0);
		ptrace(PTRACE_GETSIGINFO, child, NULL, &information);
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP || information.si_code != TRAP_HWBKPT) {
			break;
		}
		hits++;
		if (steps_over) {
			set_point(child, kind, address, 0);
			ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
			waitpid(child, &status, 0);
		}
	}
	set_point(child, kind, address, 0);
	return hits;
}

int main(int argc, char **argv)
{
	const int count = argc > 1 ? atoi(argv[1]) : 100;
	const unsigned store_8_bytes = 0xff << 5 | 2 << 3 | 1, execute = 0xf << 5 | 1;
	const pid_t child = fork();
	int status, steps = 0, hits, calls;

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		for (int i = 0; i < count; i++) {
			watched = i;
			other = i;
		}
		raise(SIGSTOP);
		for (int i = 0; i < count; i++) {
			function();
		}
		raise(SIGSTOP);
		for (;;) {
			other++;
		}
	}
	waitpid(child, &status, 0);
	hits = count_hits(child, NT_ARM_HW_WATCH, (unsigned long)&watched, store_8_bytes, 1);
	calls = count_hits(child, NT_ARM_HW_BREAK, (unsigned long)function, execute, 1);
	for (; steps < count; steps++) {
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		waitpid(child, &status, 0);
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) {
			break;
		}
	}
	kill(child, SIGKILL);
	printf("debugged: %d stores, %d calls, %d steps\n", hits, calls, steps);
	return 0;
}
