/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VM keeps to itself.
 *
 *   secret fill MIB DISK   in a VM: fills so much memory with one pattern, writes another one to the disk, and waits a while
 *   secret scan FILE...    in the host: looks for both in these files, in all processes, in the kernel's memory, and in all
 *                          physical memory that /dev/mem maps; says where it found which
 *
 * No pattern is in this file's program: both are computed, and compared without being stored.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
#define MiB (1024UL * 1024)
#define PIECE MiB
#define STEP (16 * PAGE) /* beyond the host, where each access faults: an emulated machine takes its time */
#define DISK_BYTES (4 * MiB)

enum kind { MEMORY, DISK, KINDS };

static const char *const names[KINDS] = {"memory", "disk"};
/* The first is also that of guests/bare/virtio/outside.cpp. */
static const uint64_t seeds[KINDS] = {0x5ec4e70000000001, 0x5ec4e70000000d15};

/* Of four words, which repeat. */
static inline uint64_t word(enum kind kind, unsigned long i)
{
	uint64_t seed = seeds[kind];

	__asm__ volatile("" : "+r"(seed));
	return (seed ^ (i % 4 + 1) * 0x0101010101010101) * 0x9e3779b97f4a7c15;
}

static void fail(const char *what)
{
	fprintf(stderr, "secret: ");
	perror(what);
	exit(EXIT_FAILURE);
}

static void fill(uint64_t *words, unsigned long bytes, enum kind kind)
{
	for (unsigned long i = 0; i < bytes / 8; ++i) {
		words[i] = word(kind, i);
	}
}

static int fill_vm(unsigned long mib, const char *disk)
{
	uint64_t *const memory = mmap(NULL, mib * MiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t *const block = aligned_alloc(PAGE, PIECE);
	const int file = open(disk, O_RDWR | O_DIRECT | O_CLOEXEC);

	if (memory == MAP_FAILED || !block || file < 0) {
		fail(disk);
	}
	fill(memory, mib * MiB, MEMORY);
	fill(block, PIECE, DISK);
	for (unsigned long at = 0; at < DISK_BYTES; at += PIECE) {
		if (pwrite(file, block, PIECE, (off_t)at) != (ssize_t)PIECE) {
			fail(disk);
		}
	}
	memset(block, 0, PIECE);
	if (pread(file, block, PIECE, 0) != (ssize_t)PIECE || block[5] != word(DISK, 5)) {
		fail("the disk does not have what was written");
	}
	if (fsync(file) != 0) {
		fail(disk);
	}
	printf("filled\n");
	fflush(stdout);
	sleep(10); /* the host pauses the VM meanwhile */
	for (unsigned long i = 0; i < mib * MiB / 8; ++i) {
		if (memory[i] != word(MEMORY, i)) {
			fprintf(stderr, "secret: the memory has changed\n");
			return EXIT_FAILURE;
		}
	}
	printf("kept\n");
	return EXIT_SUCCESS;
}

struct found {
	unsigned long bytes; /* that could be read */
	unsigned long count[KINDS];
};

static struct found total;

/* Two words that follow each other are enough: four bytes of a pattern do not come by chance, sixteen never. */
static void look(const uint64_t *words, unsigned long bytes, struct found *found)
{
	uint64_t first[KINDS];

	for (int kind = 0; kind < KINDS; ++kind) {
		first[kind] = ~word((enum kind)kind, 0);
	}
	for (unsigned long i = 0; i + 1 < bytes / 8; ++i) {
		for (int kind = 0; kind < KINDS; ++kind) {
			if (words[i] == ~first[kind] && words[i + 1] == word((enum kind)kind, 1)) {
				++found->count[kind];
			}
		}
	}
	found->bytes += bytes;
}

static void tell(const char *where, const struct found *found, int always)
{
	if (always || found->count[MEMORY] || found->count[DISK]) {
		printf("%s: %lu MiB: memory %lu, disk %lu\n", where, found->bytes / MiB, found->count[MEMORY],
		       found->count[DISK]);
		fflush(stdout);
	}
	total.bytes += found->bytes;
	for (int kind = 0; kind < KINDS; ++kind) {
		total.count[kind] += found->count[kind];
	}
}

static uint64_t piece[PIECE / 8];

/* What can be read of it; pages that cannot are left out. */
static void scan_range(int file, uint64_t from, uint64_t to, struct found *found)
{
	while (from < to) {
		const uint64_t wanted = to - from < PIECE ? to - from : PIECE;
		ssize_t got = pread64(file, piece, wanted, (off64_t)from);

		if (got <= 0) {
			got = 0;
			for (uint64_t page = 0; page < wanted; page += PAGE) {
				const ssize_t one = pread64(file, piece, PAGE, (off64_t)(from + page));

				if (one > 0) {
					look(piece, (unsigned long)one, found);
				}
			}
			from += wanted;
			continue;
		}
		look(piece, (unsigned long)got, found);
		from += (uint64_t)got;
	}
}

static void scan_file(const char *path)
{
	struct found found = {0};
	const int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file >= 0) {
		scan_range(file, 0, (uint64_t)lseek(file, 0, SEEK_END), &found);
		close(file);
	}
	tell(path, &found, 1);
}

static void scan_process(const char *id)
{
	char path[64], line[512], name[64] = "";
	struct found found = {0};
	FILE *maps;
	int memory;

	snprintf(path, sizeof(path), "/proc/%s/comm", id);
	maps = fopen(path, "re");
	if (maps) {
		if (!fgets(name, sizeof(name), maps)) {
			name[0] = '\0';
		}
		name[strcspn(name, "\n")] = '\0';
		fclose(maps);
	}
	snprintf(path, sizeof(path), "/proc/%s/mem", id);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/maps", id);
	maps = fopen(path, "re");
	while (memory >= 0 && maps && fgets(line, sizeof(line), maps)) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx r", &from, &to) == 2 && strchr(line, 'r') == strchr(line, ' ') + 1) {
			scan_range(memory, from, to, &found);
		}
	}
	if (maps) {
		fclose(maps);
	}
	close(memory);
	snprintf(path, sizeof(path), "process %s %s", id, name);
	tell(path, &found, 0);
}

static void scan_processes(void)
{
	DIR *const processes = opendir("/proc");
	struct dirent *entry;
	char self[16];

	snprintf(self, sizeof(self), "%d", (int)getpid());
	while (processes && (entry = readdir(processes))) {
		if (isdigit((unsigned char)entry->d_name[0]) && strcmp(entry->d_name, self) != 0) {
			scan_process(entry->d_name);
		}
	}
	closedir(processes);
}

/* The kernel's own memory, which includes all of the host's: what this program itself has read is in it, too. */
static void scan_kernel(void)
{
	struct found found = {0};
	Elf64_Ehdr head;
	Elf64_Phdr part;
	const int file = open("/proc/kcore", O_RDONLY | O_CLOEXEC);

	if (file < 0 || pread(file, &head, sizeof(head), 0) != sizeof(head)) {
		fail("/proc/kcore");
	}
	for (unsigned i = 0; i < head.e_phnum; ++i) {
		if (pread(file, &part, sizeof(part), (off_t)(head.e_phoff + i * sizeof(part))) != sizeof(part)) {
			fail("/proc/kcore");
		}
		if (part.p_type == PT_LOAD && part.p_filesz <= 64UL << 30) { /* larger ones are address space, not memory */
			memset(piece, 0, sizeof(piece));
			scan_range(file, part.p_offset, part.p_offset + part.p_filesz, &found);
		}
	}
	close(file);
	tell("the kernel's memory", &found, 1);
}

static sigjmp_buf after_fault;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(after_fault, 1);
}

/* Beyond the host's own memory, which /dev/mem does not map, is that of others: an access must fail. */
static void scan_physical(uint64_t from, uint64_t to)
{
	struct found found = {0};
	const int file = open("/dev/mem", O_RDONLY | O_SYNC | O_CLOEXEC);
	volatile unsigned long mapped = 0, faults = 0;
	uint64_t at;

	signal(SIGBUS, on_fault);
	signal(SIGSEGV, on_fault);
	for (at = from; file >= 0 && at < to; at += STEP) {
		volatile uint64_t *const page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, (off_t)at);

		if (page == MAP_FAILED) {
			continue;
		}
		++mapped;
		if (sigsetjmp(after_fault, 1) == 0) {
			for (unsigned long i = 0; i < PAGE / 8; ++i) {
				piece[i] = page[i];
			}
			look(piece, PAGE, &found);
		} else {
			++faults;
		}
		munmap((void *)page, PAGE);
	}
	printf("/dev/mem: %lu pages mapped, %lu of them fault\n", mapped, faults);
	tell("/dev/mem", &found, 1);
}

int main(int count, char **arguments)
{
	if (count == 4 && strcmp(arguments[1], "fill") == 0) {
		return fill_vm(strtoul(arguments[2], NULL, 0), arguments[3]);
	}
	if (count < 2 || strcmp(arguments[1], "scan") != 0) {
		fprintf(stderr, "usage: secret fill MIB DISK | secret scan FILE...\n");
		return EXIT_FAILURE;
	}
	scan_kernel(); /* before this program has read anything */
	scan_processes();
	scan_physical(0x40000000, 0x40000000 + 2560 * MiB);
	for (int i = 2; i < count; ++i) {
		scan_file(arguments[i]);
	}
	for (int kind = 0; kind < KINDS; ++kind) {
		printf("%s: found %lu times\n", names[kind], total.count[kind]);
	}
	return EXIT_SUCCESS;
}
