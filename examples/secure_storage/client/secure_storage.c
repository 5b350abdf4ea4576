/* SPDX-License-Identifier: Apache-2.0 */
/* The client application: takes an object in secure storage through its life. */

#include <secure_storage.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

static const char object_name[] = "a note";

static TEEC_Result call(TEEC_Session *session, uint32_t command, uint32_t data_type, void *data, size_t *size)
{
	TEEC_Operation operation;
	TEEC_Result result;
	char name[sizeof(object_name)];

	memcpy(name, object_name, sizeof(name));
	memset(&operation, 0, sizeof(operation));
	operation.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, data_type, TEEC_NONE, TEEC_NONE);
	operation.params[0].tmpref.buffer = name;
	operation.params[0].tmpref.size = sizeof(name) - 1;
	operation.params[1].tmpref.buffer = data;
	operation.params[1].tmpref.size = size ? *size : 0;
	result = TEEC_InvokeCommand(session, command, &operation, NULL);
	if (size) {
		*size = operation.params[1].tmpref.size;
	}
	return result;
}

static int expect(const char *step, TEEC_Result result, TEEC_Result expected)
{
	if (result == expected) {
		printf("%s\n", step);
		return 1;
	}
	fprintf(stderr, "secure_storage: %s: the result is 0x%08" PRIx32 " instead of 0x%08" PRIx32 "\n", step, result,
		expected);
	return 0;
}

static TEEC_Result put(TEEC_Session *session, uint32_t command, const char *text)
{
	char data[64] = "";
	size_t size = strlen(text);

	memcpy(data, text, size);
	return call(session, command, TEEC_MEMREF_TEMP_INPUT, data, &size);
}

/* Reads the object and compares it. */
static int holds(TEEC_Session *session, const char *text)
{
	char data[64];
	size_t size = sizeof(data);
	const TEEC_Result result = call(session, SECURE_STORAGE_READ, TEEC_MEMREF_TEMP_OUTPUT, data, &size);

	if (!expect("read", result, TEEC_SUCCESS)) {
		return 0;
	}
	printf("    '%.*s'\n", (int)size, data);
	return size == strlen(text) && memcmp(data, text, size) == 0;
}

static int walk(TEEC_Session *session)
{
	char small[1];
	size_t size = sizeof(small);

	call(session, SECURE_STORAGE_DELETE, TEEC_NONE, NULL, NULL); /* what an interrupted run may have left */
	return expect("created", put(session, SECURE_STORAGE_CREATE, "first"), TEEC_SUCCESS) &&
	       expect("not created twice", put(session, SECURE_STORAGE_CREATE, "x"), TEEC_ERROR_ACCESS_CONFLICT) &&
	       holds(session, "first") &&
	       expect("written", put(session, SECURE_STORAGE_WRITE, "a second text"), TEEC_SUCCESS) &&
	       holds(session, "a second text") &&
	       expect("not read into too small a buffer",
		      call(session, SECURE_STORAGE_READ, TEEC_MEMREF_TEMP_OUTPUT, small, &size),
		      TEEC_ERROR_SHORT_BUFFER) &&
	       size == strlen("a second text") &&
	       expect("deleted", call(session, SECURE_STORAGE_DELETE, TEEC_NONE, NULL, NULL), TEEC_SUCCESS) &&
	       expect("gone", call(session, SECURE_STORAGE_DELETE, TEEC_NONE, NULL, NULL), TEEC_ERROR_ITEM_NOT_FOUND);
}

int main(void)
{
	const TEEC_UUID uuid = SECURE_STORAGE_UUID;
	TEEC_Context context;
	TEEC_Session session;
	TEEC_Result result;
	int good;

	result = TEEC_InitializeContext(NULL, &context);
	if (result != TEEC_SUCCESS) {
		fprintf(stderr, "secure_storage: no connection to the TEE: 0x%08" PRIx32 "\n", result);
		return EXIT_FAILURE;
	}
	result = TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
	if (result != TEEC_SUCCESS) {
		fprintf(stderr, "secure_storage: no session: 0x%08" PRIx32 "\n", result);
		TEEC_FinalizeContext(&context);
		return EXIT_FAILURE;
	}
	good = walk(&session);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
