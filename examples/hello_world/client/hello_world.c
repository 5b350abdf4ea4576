/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client application: has a number counted up by the trusted application, or down with --decrement.
 *
 *     hello_world [--decrement] [NUMBER]
 */

#include <hello_world.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

static const char *origin_name(uint32_t origin)
{
	switch (origin) {
	case TEEC_ORIGIN_API:
		return "the client library";
	case TEEC_ORIGIN_COMMS:
		return "the communication layer";
	case TEEC_ORIGIN_TEE:
		return "OP-TEE";
	case TEEC_ORIGIN_TRUSTED_APP:
		return "the trusted application";
	default:
		return "an unknown place";
	}
}

static int fail(const char *what, TEEC_Result result, uint32_t origin)
{
	fprintf(stderr, "hello_world: %s failed with 0x%08" PRIx32 ", returned by %s\n", what, result,
		origin_name(origin));
	return EXIT_FAILURE;
}

static int call(TEEC_Session *session, uint32_t command, uint32_t number)
{
	TEEC_Operation operation;
	TEEC_Result result;
	uint32_t origin = 0;

	memset(&operation, 0, sizeof(operation));
	operation.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
	operation.params[0].value.a = number;

	printf("before: %" PRIu32 "\n", operation.params[0].value.a);
	result = TEEC_InvokeCommand(session, command, &operation, &origin);
	if (result != TEEC_SUCCESS) {
		return fail("the command", result, origin);
	}
	printf("after: %" PRIu32 "\n", operation.params[0].value.a);
	return EXIT_SUCCESS;
}

int main(int count, char **arguments)
{
	const TEEC_UUID uuid = HELLO_WORLD_UUID;
	const int decrement = count > 1 && strcmp(arguments[1], "--decrement") == 0;
	const char *const number = arguments[decrement ? 2 : 1];
	TEEC_Context context;
	TEEC_Session session;
	TEEC_Result result;
	uint32_t origin = 0;
	int status;

	result = TEEC_InitializeContext(NULL, &context);
	if (result != TEEC_SUCCESS) {
		return fail("the connection to the TEE", result, TEEC_ORIGIN_API);
	}
	result = TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin);
	if (result != TEEC_SUCCESS) {
		TEEC_FinalizeContext(&context);
		return fail("opening a session", result, origin);
	}
	status = call(&session, decrement ? HELLO_WORLD_DECREMENT : HELLO_WORLD_INCREMENT,
		      number ? (uint32_t)strtoul(number, NULL, 0) : 42);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return status;
}
