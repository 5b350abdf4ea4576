/* SPDX-License-Identifier: Apache-2.0 */
/* The client application: shares 1 MiB with the trusted application, and has it encrypted and decrypted in place. */

#include <shared_memory.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

#define BUFFER_SIZE (1024 * 1024)

/* NIST SP 800-38A, F.5.1 CTR-AES128.Encrypt, the first block. */
static const unsigned char key[SHARED_MEMORY_BLOCK] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
						       0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
static const unsigned char counter[SHARED_MEMORY_BLOCK] = {0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7,
							   0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
static const unsigned char plain[SHARED_MEMORY_BLOCK] = {0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96,
							 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a};
static const unsigned char encrypted[SHARED_MEMORY_BLOCK] = {0x87, 0x4d, 0x61, 0x91, 0xb6, 0x20, 0xe3, 0x26,
							     0x1b, 0xef, 0x68, 0x64, 0x99, 0x0d, 0xb6, 0xce};

static TEEC_Result set_key(TEEC_Session *session)
{
	unsigned char parts[2][SHARED_MEMORY_BLOCK];
	TEEC_Operation operation;

	memcpy(parts[0], key, sizeof(key));
	memcpy(parts[1], counter, sizeof(counter));
	memset(&operation, 0, sizeof(operation));
	operation.paramTypes =
		TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_INPUT, TEEC_NONE, TEEC_NONE);
	for (int index = 0; index < 2; ++index) {
		operation.params[index].tmpref.buffer = parts[index];
		operation.params[index].tmpref.size = SHARED_MEMORY_BLOCK;
	}
	return TEEC_InvokeCommand(session, SHARED_MEMORY_SET_KEY, &operation, NULL);
}

static TEEC_Result cipher(TEEC_Session *session, TEEC_SharedMemory *memory)
{
	TEEC_Operation operation;
	TEEC_Result result = set_key(session);

	if (result != TEEC_SUCCESS) {
		return result;
	}
	memset(&operation, 0, sizeof(operation));
	operation.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE, TEEC_NONE, TEEC_NONE, TEEC_NONE);
	operation.params[0].memref.parent = memory;
	return TEEC_InvokeCommand(session, SHARED_MEMORY_CIPHER, &operation, NULL);
}

static void fill(unsigned char *buffer)
{
	for (size_t at = 0; at < BUFFER_SIZE; ++at) {
		buffer[at] = at < sizeof(plain) ? plain[at] : (unsigned char)(at * 31 + (at >> 8));
	}
}

/* Encrypts and decrypts the buffer; returns the error's text, or NULL. */
static const char *round_trip(TEEC_Session *session, TEEC_SharedMemory *memory, const unsigned char *original)
{
	if (cipher(session, memory) != TEEC_SUCCESS) {
		return "the buffer was not encrypted";
	}
	if (memcmp(memory->buffer, encrypted, sizeof(encrypted)) != 0) {
		return "the first block does not match the standard's test vector";
	}
	if (memcmp((unsigned char *)memory->buffer + BUFFER_SIZE - 4096, original + BUFFER_SIZE - 4096, 4096) == 0) {
		return "the last page was not encrypted";
	}
	printf("encrypted %d bytes in place\n", BUFFER_SIZE);
	if (cipher(session, memory) != TEEC_SUCCESS) {
		return "the buffer was not decrypted";
	}
	if (memcmp(memory->buffer, original, BUFFER_SIZE) != 0) {
		return "decryption did not restore the original";
	}
	printf("decrypted: matches the original\n");
	return NULL;
}

static const char *run(TEEC_Context *context, TEEC_Session *session, unsigned char *shared, unsigned char *original)
{
	TEEC_SharedMemory memory;
	const char *problem;

	if (!shared || !original) {
		return "not enough memory";
	}
	fill(shared);
	fill(original);
	memset(&memory, 0, sizeof(memory));
	memory.buffer = shared;
	memory.size = BUFFER_SIZE;
	memory.flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
	if (TEEC_RegisterSharedMemory(context, &memory) != TEEC_SUCCESS) {
		return "1 MiB cannot be registered as shared memory";
	}
	problem = round_trip(session, &memory, original);
	TEEC_ReleaseSharedMemory(&memory);
	return problem;
}

int main(void)
{
	const TEEC_UUID uuid = SHARED_MEMORY_UUID;
	TEEC_Context context;
	TEEC_Session session;
	unsigned char *shared = NULL;
	unsigned char *original = NULL;
	const char *problem = "cannot connect to the TEE";
	TEEC_Result result;

	if (TEEC_InitializeContext(NULL, &context) == TEEC_SUCCESS) {
		problem = "cannot open a session";
		result = TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
		if (result == TEEC_SUCCESS) {
			shared = malloc(BUFFER_SIZE);
			original = malloc(BUFFER_SIZE);
			problem = run(&context, &session, shared, original);
			free(shared);
			free(original);
			TEEC_CloseSession(&session);
		}
		TEEC_FinalizeContext(&context);
	}
	if (problem) {
		fprintf(stderr, "shared_memory: %s\n", problem);
	}
	return problem ? EXIT_FAILURE : EXIT_SUCCESS;
}
