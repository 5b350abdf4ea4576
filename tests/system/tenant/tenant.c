/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one VM keeps in its OP-TEE: an object in secure storage and a PKCS#11 token. `tenant keep NAME` makes both,
 * under that name, which fails if somebody else has made one; `tenant tell` says what is there.
 */

#include <inttypes.h>
#include <pkcs11.h>
#include <secure_storage.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

static void must(const char *what, unsigned long result)
{
	if (result != 0) {
		fprintf(stderr, "tenant: %s: 0x%08lx\n", what, result);
		exit(EXIT_FAILURE);
	}
}

static char object_name[] = "a secret";

static TEEC_Result with_object(TEEC_Session *session, uint32_t command, uint32_t data_type, char *data, size_t *size)
{
	TEEC_Operation operation;
	TEEC_Result result;

	memset(&operation, 0, sizeof(operation));
	operation.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, data_type, TEEC_NONE, TEEC_NONE);
	operation.params[0].tmpref.buffer = object_name;
	operation.params[0].tmpref.size = sizeof(object_name) - 1;
	operation.params[1].tmpref.buffer = data;
	operation.params[1].tmpref.size = *size;
	result = TEEC_InvokeCommand(session, command, &operation, NULL);
	*size = operation.params[1].tmpref.size;
	return result;
}

static void object(char *kept)
{
	const TEEC_UUID uuid = SECURE_STORAGE_UUID;
	TEEC_Context context;
	TEEC_Session session;
	TEEC_Result result;
	char data[64];
	size_t size = kept ? strlen(kept) : sizeof(data);

	must("context", TEEC_InitializeContext(NULL, &context));
	must("session", TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL));
	if (kept) {
		must("create", with_object(&session, SECURE_STORAGE_CREATE, TEEC_MEMREF_TEMP_INPUT, kept, &size));
	} else {
		result = with_object(&session, SECURE_STORAGE_READ, TEEC_MEMREF_TEMP_OUTPUT, data, &size);
		if (result == TEEC_ERROR_ITEM_NOT_FOUND) {
			printf("object: none\n");
		} else {
			must("read", result);
			printf("object: '%.*s'\n", (int)size, data);
		}
	}
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
}

static void token(const char *kept)
{
	char pin[64];
	CK_UTF8CHAR label[32];
	CK_TOKEN_INFO info;
	CK_SLOT_ID slots[8];
	CK_ULONG count = 8;

	must("initialize", C_Initialize(NULL));
	must("slots", C_GetSlotList(CK_TRUE, slots, &count));
	if (kept) {
		memset(label, ' ', sizeof(label));
		memcpy(label, kept, strnlen(kept, sizeof(label)));
		snprintf(pin, sizeof(pin), "the PIN of %s", kept); /* another one's token would refuse it */
		must("token", C_InitToken(slots[0], (CK_UTF8CHAR_PTR)pin, strlen(pin), label));
	} else {
		must("token", C_GetTokenInfo(slots[0], &info));
		if (info.flags & CKF_TOKEN_INITIALIZED) {
			printf("token: '%.8s'\n", (const char *)info.label);
		} else {
			printf("token: not initialized\n");
		}
	}
	must("finalize", C_Finalize(NULL));
}

int main(int argc, char **argv)
{
	char *kept = argc == 3 && strcmp(argv[1], "keep") == 0 ? argv[2] : NULL;

	if (!kept && (argc != 2 || strcmp(argv[1], "tell") != 0)) {
		fprintf(stderr, "usage: tenant keep NAME | tenant tell\n");
		return EXIT_FAILURE;
	}
	object(kept);
	token(kept);
	return EXIT_SUCCESS;
}
