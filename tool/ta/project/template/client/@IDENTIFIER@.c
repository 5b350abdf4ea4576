/* SPDX-License-Identifier: Apache-2.0 */
/* The client application: has the number on its command line doubled by the trusted application. */

#include <@IDENTIFIER@.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

static int fail(const char *what, TEEC_Result result, uint32_t origin)
{
	fprintf(stderr, "@NAME@: %s failed with 0x%08" PRIx32 " (origin %" PRIu32 ")\n", what, result, origin);
	return EXIT_FAILURE;
}

static int double_value(TEEC_Session *session, uint32_t number)
{
	TEEC_Operation operation;
	TEEC_Result result;
	uint32_t origin = 0;

	memset(&operation, 0, sizeof(operation));
	operation.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
	operation.params[0].value.a = number;
	result = TEEC_InvokeCommand(session, @MACRO@_DOUBLE, &operation, &origin);
	if (result != TEEC_SUCCESS) {
		return fail("the command", result, origin);
	}
	printf("%" PRIu32 " doubled is %" PRIu32 "\n", number, operation.params[0].value.a);
	return EXIT_SUCCESS;
}

int main(int count, char **arguments)
{
	const TEEC_UUID uuid = @MACRO@_UUID;
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
	status = double_value(&session, count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 0) : 21);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return status;
}
