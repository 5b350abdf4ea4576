/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads a CPU in user space, and prints how long that took:
 *
 *     cpu_load sha256 MEBIBYTES  hashes so much: computation, next to no memory
 *     cpu_load walk STEPS        follows pointers through 64 MiB in a random order: memory and its translation
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

enum { BLOCK = 64, ROUNDS = 64, CELLS = 64 * 1024 * 1024 / sizeof(uint64_t) };

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/*
 * System calls that the emulator's log of exceptions shows with numbers of their own, around what is measured: the tool
 * counts the exceptions in between. The kernel does not look at the number.
 */
static void mark_begin(void)
{
	register long call __asm__("x8") = SYS_getpid;

	__asm__ volatile("svc #0x7101" : : "r"(call) : "x0", "memory");
}

static void mark_end(void)
{
	register long call __asm__("x8") = SYS_getpid;

	__asm__ volatile("svc #0x7102" : : "r"(call) : "x0", "memory");
}

static uint32_t rotated(uint32_t word, unsigned bits)
{
	return word >> bits | word << (32 - bits);
}

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static void fill_constants(uint32_t constants[ROUNDS])
{
	unsigned found = 0;

	for (uint64_t number = 2; found < ROUNDS; ++number) {
		unsigned __int128 root = 0;
		uint64_t divisor = 2;

		while (divisor * divisor <= number && number % divisor != 0) {
			++divisor;
		}
		if (divisor * divisor <= number) {
			continue;
		}
		/* floor(cbrt(number) * 2^32), bit by bit */
		for (int bit = 35; bit >= 0; --bit) {
			const unsigned __int128 trial = root | (unsigned __int128)1 << bit;

			if (trial * trial <= ((unsigned __int128)number << 96) / trial) {
				root = trial;
			}
		}
		constants[found++] = (uint32_t)root;
	}
}

/* FIPS 180-4, 6.2.2: one block. */
static void compress(uint32_t state[8], const uint32_t constants[ROUNDS], const unsigned char block[BLOCK])
{
	uint32_t schedule[ROUNDS];
	uint32_t v[8];

	for (unsigned i = 0; i < 16; ++i) {
		schedule[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
			      (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	}
	for (unsigned i = 16; i < ROUNDS; ++i) {
		const uint32_t a = schedule[i - 15];
		const uint32_t b = schedule[i - 2];

		schedule[i] = schedule[i - 16] + schedule[i - 7] + (rotated(a, 7) ^ rotated(a, 18) ^ a >> 3) +
			      (rotated(b, 17) ^ rotated(b, 19) ^ b >> 10);
	}
	memcpy(v, state, sizeof(v));
	for (unsigned i = 0; i < ROUNDS; ++i) {
		const uint32_t first = v[7] + (rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)) +
				       ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + schedule[i];
		const uint32_t second = (rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)) +
					((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += first;
		v[0] = first + second;
	}
	for (unsigned i = 0; i < 8; ++i) {
		state[i] += v[i];
	}
}

static const uint32_t initial_state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* The standard's example, "abc", to check that the measured code is SHA-256. */
static int hashes_correctly(const uint32_t constants[ROUNDS])
{
	const unsigned char block[BLOCK] = {'a', 'b', 'c', 0x80, [BLOCK - 1] = 24};
	uint32_t state[8];

	memcpy(state, initial_state, sizeof(state));
	compress(state, constants, block);
	return state[0] == 0xba7816bf && state[7] == 0xf20015ad;
}

static int hash(unsigned long mebibytes)
{
	const unsigned char block[BLOCK] = {1};
	uint32_t constants[ROUNDS];
	uint32_t state[8];
	uint64_t begin;
	uint64_t end;

	fill_constants(constants);
	if (!hashes_correctly(constants)) {
		fprintf(stderr, "cpu_load: the hash is wrong\n");
		return EXIT_FAILURE;
	}
	memcpy(state, initial_state, sizeof(state));
	mark_begin();
	begin = now();
	for (unsigned long blocks = mebibytes * 1024 * 1024 / BLOCK; blocks > 0; --blocks) {
		compress(state, constants, block);
	}
	end = now();
	mark_end();
	printf("figure {\"name\":\"sha256\",\"ns\":%llu,\"state\":%u}\n", (unsigned long long)(end - begin), state[0]);
	return EXIT_SUCCESS;
}

/* One cycle through all cells in a random order, the same each time [Sattolo's algorithm]. */
static void link_cells(uint64_t *cells)
{
	uint64_t seed = 1;

	for (size_t i = 0; i < CELLS; ++i) {
		cells[i] = i;
	}
	for (size_t i = CELLS - 1; i > 0; --i) {
		size_t other;
		uint64_t swapped;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		other = (size_t)((seed >> 33) % i);
		swapped = cells[i];
		cells[i] = cells[other];
		cells[other] = swapped;
	}
}

static int walk(unsigned long steps)
{
	uint64_t *const cells = malloc(CELLS * sizeof(*cells));
	uint64_t at = 0;
	uint64_t begin;
	uint64_t end;

	if (!cells) {
		fprintf(stderr, "cpu_load: not enough memory\n");
		return EXIT_FAILURE;
	}
	link_cells(cells);
	mark_begin();
	begin = now();
	for (unsigned long i = 0; i < steps; ++i) {
		at = cells[at];
	}
	end = now();
	mark_end();
	printf("figure {\"name\":\"walk-64m\",\"ns\":%llu,\"at\":%llu}\n", (unsigned long long)(end - begin),
	       (unsigned long long)at);
	free(cells);
	return EXIT_SUCCESS;
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "sha256") == 0) {
		return hash(strtoul(arguments[2], NULL, 0));
	}
	if (count == 3 && strcmp(arguments[1], "walk") == 0) {
		return walk(strtoul(arguments[2], NULL, 0));
	}
	fprintf(stderr, "usage: cpu_load sha256 MEBIBYTES | walk STEPS\n");
	return EXIT_FAILURE;
}
