/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cancelling an invocation that waits in the trusted application: from the request to its return.
 *
 * The application sees it at the end of a wait of two of the kernel's ticks. So the request is made at moments spread evenly
 * over such a wait; the mean is half of one, plus what the way back takes.
 */

#include "figure.h"
#include "rows.h"

#include <pthread.h>
#include <tee_call.h>
#include <unistd.h>

enum {
	REPETITIONS = 1600,
	WAIT_US = 8000,
	ATTEMPTS = 5,
};

struct waiting {
	TEEC_Session *session;
	TEEC_Operation operation;
	TEEC_Result result;
	uint64_t returned;
};

static void *wait_in_tee(void *argument)
{
	struct waiting *const waiting = argument;

	waiting->result =
		TEEC_InvokeCommand(waiting->session, TEE_CALL_WAIT, &waiting->operation, NULL);
	waiting->returned = now();
	return NULL;
}

/*
 * Tells how long the request took, and in `end` how long the invocation went on from the request's start. TEEC_ERROR_BAD_STATE
 * when the request came too early to cancel a wait.
 */
static TEEC_Result cancel_once(TEEC_Session *session, useconds_t later, uint64_t *request, uint64_t *end)
{
	struct waiting waiting = {
		.session = session,
		.operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_NONE, TEEC_NONE, TEEC_NONE, TEEC_NONE)},
	};
	uint64_t begin;
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_in_tee, &waiting) != 0) {
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	usleep(20 * 1000 + later); /* by then it waits, unless the machine is very slow */
	begin = now();
	TEEC_RequestCancellation(&waiting.operation);
	*request = now() - begin;
	pthread_join(thread, NULL);
	*end = waiting.returned - begin;
	return waiting.result;
}

void measure_cancellation(TEEC_Session *session)
{
	uint64_t requests = 0;
	uint64_t ends = 0;

	for (unsigned i = 0; i < REPETITIONS; ++i) {
		TEEC_Result result = TEEC_ERROR_BAD_STATE;
		uint64_t request = 0;
		uint64_t end = 0;

		for (unsigned attempt = 0; attempt < ATTEMPTS && result == TEEC_ERROR_BAD_STATE; ++attempt) {
			result = cancel_once(session, i * (WAIT_US / REPETITIONS), &request, &end);
		}
		if (result != TEEC_SUCCESS) {
			print_refusal("cancel", result);
			return;
		}
		requests += request;
		ends += end;
	}
	print_figure("cancel-request", requests, REPETITIONS);
	print_figure("cancel-return", ends, REPETITIONS);
}
