/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client application of the benchmark: times calls to OP-TEE, and prints a line a figure.
 *
 *     tee_call                     all rows
 *     tee_call throughput SECONDS  one row: how long a call takes while others may call, too
 */

#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what, TEEC_Result result)
{
	fprintf(stderr, "tee_call: %s failed with 0x%08" PRIx32 "\n", what, result);
	return EXIT_FAILURE;
}

int main(int count, char **arguments)
{
	const int throughput = count == 3 && strcmp(arguments[1], "throughput") == 0;
	TEEC_Context context;
	TEEC_Session session;
	TEEC_Result result;

	if (count > 1 && !throughput) {
		fprintf(stderr, "usage: tee_call [throughput SECONDS]\n");
		return EXIT_FAILURE;
	}
	result = TEEC_InitializeContext(NULL, &context);
	if (result != TEEC_SUCCESS) {
		return fail("the connection to the TEE", result);
	}
	result = open_session(&context, &session);
	if (result != TEEC_SUCCESS) {
		TEEC_FinalizeContext(&context);
		return fail("opening a session", result);
	}
	if (throughput) {
		measure_throughput(&session, (unsigned)strtoul(arguments[2], NULL, 0));
	} else {
		measure_sessions(&context);
		measure_invocations(&context, &session);
		measure_shared_memory(&context);
		measure_cancellation(&session);
	}
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return EXIT_SUCCESS;
}
