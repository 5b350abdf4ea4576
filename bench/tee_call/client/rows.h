/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROWS_H
#define ROWS_H

#include <tee_client_api.h>

/* Each function measures the rows in its name, and prints them. */
void measure_sessions(TEEC_Context *context);
void measure_invocations(TEEC_Context *context, TEEC_Session *session);
void measure_shared_memory(TEEC_Context *context);
void measure_cancellation(TEEC_Session *session);

/* Calls for the given number of seconds, and prints the calls per second. */
void measure_throughput(TEEC_Session *session, unsigned seconds);

TEEC_Result open_session(TEEC_Context *context, TEEC_Session *session);

#endif
