/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kexec IMAGE RAMDISK TEXT VALUE: starts another arm64 kernel in this one's place, without a word to any driver's peer.
 *
 * Debian's arm64 kernels have kexec_load(2), not kexec_file_load(2), so the parts are laid out here. The device tree is the
 * running kernel's, with the ramdisk's place, and with TEXT on its command line followed by VALUE, which is as long as what
 * stands there.
 */

#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096UL
#define MiB (1024UL * 1024)
#define PARTS 4

struct part {
	void *data;
	size_t size;
};

static void fail(const char *what)
{
	fprintf(stderr, "kexec: ");
	perror(what);
	exit(1);
}

static struct part read_whole(const char *path)
{
	struct part part = {NULL, 0};
	const int file = open(path, O_RDONLY);
	ssize_t got = 1;

	if (file < 0) {
		fail(path);
	}
	while (got > 0) {
		part.data = realloc(part.data, part.size + MiB);
		if (!part.data) {
			fail(path);
		}
		got = read(file, (char *)part.data + part.size, MiB);
		part.size += got > 0 ? (size_t)got : 0;
	}
	close(file);
	return part;
}

/* Where RAM begins. */
static uint64_t first_ram(void)
{
	char line[256];
	unsigned long long begin = 0;
	FILE *const map = fopen("/proc/iomem", "r");

	while (map && fgets(line, sizeof(line), map)) {
		if (strstr(line, "System RAM") && sscanf(line, "%llx-", &begin) == 1) {
			fclose(map);
			return begin;
		}
	}
	fail("/proc/iomem has no RAM");
	return 0;
}

static uint32_t word(const struct part *tree, size_t at)
{
	return be32toh(*(const uint32_t *)((const char *)tree->data + at));
}

/* A property of one or two words, whichever node has it [Devicetree Specification 5.4]. */
static void set_number(struct part *tree, const char *name, uint64_t value)
{
	const char *const strings = (const char *)tree->data + word(tree, 12);
	size_t at = word(tree, 8);

	for (uint32_t token = word(tree, at); token != 9; token = word(tree, at)) {
		at += 4;
		if (token == 1) {
			at += (strlen((char *)tree->data + at) + 4) & ~3UL;
		} else if (token == 3) {
			const uint32_t length = word(tree, at);

			if (strcmp(strings + word(tree, at + 4), name) == 0) {
				const uint32_t halves[2] = {htobe32(value >> 32), htobe32((uint32_t)value)};

				memcpy((char *)tree->data + at + 8, &halves[length == 8 ? 0 : 1], length);
				return;
			}
			at += 8 + ((length + 3) & ~3UL);
		}
	}
	fprintf(stderr, "kexec: the device tree has no %s\n", name);
	exit(1);
}

static void set_text(struct part *tree, const char *text, const char *value)
{
	char *const found = memmem(tree->data, tree->size, text, strlen(text));

	if (!found) {
		fprintf(stderr, "kexec: the command line has no %s\n", text);
		exit(1);
	}
	memcpy(found + strlen(text), value, strlen(value));
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: kexec IMAGE RAMDISK TEXT VALUE\n");
		return 2;
	}
	struct part kernel = read_whole(argv[1]);
	struct part ramdisk = read_whole(argv[2]);
	struct part tree = read_whole("/sys/firmware/fdt");
	const uint64_t ram = (first_ram() + 2 * MiB - 1) & ~(2 * MiB - 1);
	const uint64_t image_size = ((const uint64_t *)kernel.data)[2];
	const uint64_t ramdisk_at = ram + 128 * MiB, tree_at = ram + 320 * MiB, entry_at = ram + 322 * MiB;
	/* ldr x0, tree; mov x1, x2, x3, xzr; ldr x4, kernel; br x4; nop; nop [Linux Documentation/arch/arm64/booting.rst] */
	const uint32_t code[8] = {0x58000100, 0xaa1f03e1, 0xaa1f03e2, 0xaa1f03e3,
				  0x580000c4, 0xd61f0080, 0xd503201f, 0xd503201f};
	struct {
		uint32_t code[8];
		uint64_t tree, kernel;
	} entry = {.tree = tree_at, .kernel = ram};

	memcpy(entry.code, code, sizeof(code));
	set_number(&tree, "linux,initrd-start", ramdisk_at);
	set_number(&tree, "linux,initrd-end", ramdisk_at + ramdisk.size);
	set_text(&tree, argv[3], argv[4]);

	struct kexec_segment segments[PARTS] = {
		{kernel.data, kernel.size, (void *)ram, image_size},
		{ramdisk.data, ramdisk.size, (void *)ramdisk_at, ramdisk.size},
		{tree.data, tree.size, (void *)tree_at, tree.size},
		{&entry, sizeof(entry), (void *)entry_at, sizeof(entry)},
	};
	for (int i = 0; i < PARTS; i++) {
		segments[i].memsz = (segments[i].memsz + PAGE - 1) & ~(PAGE - 1);
	}
	if (syscall(SYS_kexec_load, entry_at, (unsigned long)PARTS, segments, KEXEC_ARCH_AARCH64) != 0) {
		fail("the kernel cannot be loaded");
	}
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	fail("the kernel cannot be started");
}
