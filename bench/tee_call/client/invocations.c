/* SPDX-License-Identifier: Apache-2.0 */
/* Invocations of a command that returns at once, with parameters of each kind. */

#include "figure.h"
#include "rows.h"

#include <string.h>
#include <tee_call.h>

enum { WARM_UP = 16, REPETITIONS = 1000, TEMPORARY_SIZE = 4096, REGISTERED_SIZE = 64 * 1024 };

static TEEC_Result repeat(TEEC_Session *session, TEEC_Operation *operation, unsigned count)
{
	TEEC_Result result = TEEC_SUCCESS;

	while (count-- > 0 && result == TEEC_SUCCESS) {
		result = TEEC_InvokeCommand(session, TEE_CALL_RETURN, operation, NULL);
	}
	return result;
}

static void measure(const char *name, TEEC_Session *session, TEEC_Operation *operation)
{
	TEEC_Result result = repeat(session, operation, WARM_UP);
	uint64_t begin;

	if (result == TEEC_SUCCESS) {
		begin = now();
		result = repeat(session, operation, REPETITIONS);
		if (result == TEEC_SUCCESS) {
			print_figure(name, now() - begin, REPETITIONS);
			return;
		}
	}
	print_refusal(name, result);
}

static void measure_registered(TEEC_Context *context, TEEC_Session *session)
{
	static char buffer[REGISTERED_SIZE];
	TEEC_SharedMemory memory = {.buffer = buffer, .size = sizeof(buffer), .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
	const TEEC_Result result = TEEC_RegisterSharedMemory(context, &memory);

	if (result != TEEC_SUCCESS) {
		print_refusal("invoke-registered-64k", result);
		return;
	}
	operation.params[0].memref.parent = &memory;
	measure("invoke-registered-64k", session, &operation);
	TEEC_ReleaseSharedMemory(&memory);
}

void measure_invocations(TEEC_Context *context, TEEC_Session *session)
{
	static char buffer[TEMPORARY_SIZE];
	TEEC_Operation none = {.paramTypes = TEEC_PARAM_TYPES(TEEC_NONE, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
	TEEC_Operation value = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
	TEEC_Operation temporary = {
		.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};

	temporary.params[0].tmpref.buffer = buffer;
	temporary.params[0].tmpref.size = sizeof(buffer);
	measure("invoke-none", session, &none);
	measure("invoke-value", session, &value);
	measure("invoke-temporary-4k", session, &temporary);
	measure_registered(context, session);
}

void measure_throughput(TEEC_Session *session, unsigned seconds)
{
	enum { BATCH = 50 };
	TEEC_Operation value = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
	const uint64_t begin = now();
	const uint64_t end = begin + seconds * UINT64_C(1000000000);
	unsigned calls = 0;

	while (now() < end) {
		const TEEC_Result result = repeat(session, &value, BATCH);

		if (result != TEEC_SUCCESS) {
			print_refusal("invoke-value", result);
			return;
		}
		calls += BATCH;
	}
	print_figure("invoke-value", now() - begin, calls);
}
