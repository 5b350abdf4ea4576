/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd COUNT [ROUNDS]: has that many sessions of hello_world open at once, each with an instance of its own, calls each,
 * and closes them.
 */

#include <hello_world.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

#define MOST 256

static TEEC_Session sessions[MOST];

static int call(TEEC_Session *session, uint32_t number)
{
	TEEC_Operation operation;

	memset(&operation, 0, sizeof(operation));
	operation.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE);
	operation.params[0].value.a = number;
	return TEEC_InvokeCommand(session, HELLO_WORLD_INCREMENT, &operation, NULL) == TEEC_SUCCESS &&
	       operation.params[0].value.a == number + 1;
}

static int round_of(TEEC_Context *context, unsigned int count)
{
	const TEEC_UUID uuid = HELLO_WORLD_UUID;
	TEEC_Result result = TEEC_SUCCESS;
	unsigned int open = 0;
	unsigned int served = 0;
	unsigned int i;

	while (open < count) {
		result = TEEC_OpenSession(context, &sessions[open], &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
		if (result != TEEC_SUCCESS) {
			printf("session %u: 0x%08x\n", open + 1, (unsigned int)result);
			break;
		}
		++open;
	}
	for (i = 0; i < open; ++i) {
		served += call(&sessions[i], i) ? 1 : 0;
	}
	for (i = 0; i < open; ++i) {
		TEEC_CloseSession(&sessions[i]);
	}
	printf("of %u sessions %u were served at once\n", count, served);
	return served == count;
}

int main(int argument_count, char **arguments)
{
	const unsigned int count = argument_count > 1 ? (unsigned int)atoi(arguments[1]) : 1;
	int rounds = argument_count > 2 ? atoi(arguments[2]) : 1;
	TEEC_Context context;
	int good = 1;

	if (count > MOST || TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS) {
		return EXIT_FAILURE;
	}
	while (rounds-- > 0 && good) {
		good = round_of(&context, count);
	}
	TEEC_FinalizeContext(&context);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
