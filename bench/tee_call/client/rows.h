#ifndef ROWS_H
#define ROWS_H

#include <tee_client_api.h>

/* Each measures the rows its name tells, and prints them. */
void measure_sessions(TEEC_Context *context);
void measure_invocations(TEEC_Context *context, TEEC_Session *session);
void measure_shared_memory(TEEC_Context *context);
void measure_cancellation(TEEC_Session *session);

/* Calls for so many seconds, and prints how many calls a second that were. */
void measure_throughput(TEEC_Session *session, unsigned seconds);

TEEC_Result open_session(TEEC_Context *context, TEEC_Session *session);

#endif
