/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing a session, each by itself. OP-TEE loads the trusted application for each. */

#include "figure.h"
#include "rows.h"

#include <tee_call.h>

enum { REPETITIONS = 20 };

TEEC_Result open_session(TEEC_Context *context, TEEC_Session *session)
{
	static const TEEC_UUID uuid = TEE_CALL_UUID;

	return TEEC_OpenSession(context, session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
}

void measure_sessions(TEEC_Context *context)
{
	uint64_t opening = 0;
	uint64_t closing = 0;

	for (unsigned i = 0; i < REPETITIONS; ++i) {
		const uint64_t begin = now();
		TEEC_Session session;
		const TEEC_Result result = open_session(context, &session);
		const uint64_t opened = now();

		if (result != TEEC_SUCCESS) {
			print_refusal("open-session", result);
			return;
		}
		TEEC_CloseSession(&session);
		closing += now() - opened;
		opening += opened - begin;
	}
	print_figure("open-session", opening, REPETITIONS);
	print_figure("close-session", closing, REPETITIONS);
}
