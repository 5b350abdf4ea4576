/* SPDX-License-Identifier: Apache-2.0 */
/* Shared memory of several sizes: allocated and released. */

#include "figure.h"
#include "rows.h"

#include <stddef.h>

static const struct {
	const char *name;
	size_t size;
	unsigned repetitions;
} rows[] = {
	{"shared-memory-4k", 4096, 200},
	{"shared-memory-256k", 256 * 1024, 50},
	{"shared-memory-1m", 1024 * 1024, 20},
	{"shared-memory-16m", 16 * 1024 * 1024, 3},
};

static TEEC_Result allocate_and_release(TEEC_Context *context, size_t size)
{
	TEEC_SharedMemory memory = {.size = size, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
	const TEEC_Result result = TEEC_AllocateSharedMemory(context, &memory);

	if (result == TEEC_SUCCESS) {
		TEEC_ReleaseSharedMemory(&memory);
	}
	return result;
}

void measure_shared_memory(TEEC_Context *context)
{
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); ++row) {
		TEEC_Result result = allocate_and_release(context, rows[row].size); /* warms up */
		const uint64_t begin = now();

		for (unsigned i = 0; i < rows[row].repetitions && result == TEEC_SUCCESS; ++i) {
			result = allocate_and_release(context, rows[row].size);
		}
		if (result == TEEC_SUCCESS) {
			print_figure(rows[row].name, now() - begin, rows[row].repetitions);
		} else {
			print_refusal(rows[row].name, result);
		}
	}
}
