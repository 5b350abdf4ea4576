/* SPDX-License-Identifier: Apache-2.0 */
/* The trusted application: runs AES-CTR over memory that the client shares with it. The key never leaves it. */

#include <shared_memory.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

static const uint32_t key_types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_INPUT,
						  TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
static const uint32_t cipher_types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INOUT, TEE_PARAM_TYPE_NONE,
						     TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);

/* The operation keeps a copy of the key, so the object that brings it can go at once. */
static TEE_Result load_key(TEE_OperationHandle operation, const uint8_t *bytes)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_OperationInfo info;
	TEE_Attribute secret;
	TEE_Result result = TEE_AllocateTransientObject(TEE_TYPE_AES, 8 * SHARED_MEMORY_BLOCK, &key);

	if (result != TEE_SUCCESS) {
		return result;
	}
	TEE_InitRefAttribute(&secret, TEE_ATTR_SECRET_VALUE, bytes, SHARED_MEMORY_BLOCK);
	result = TEE_PopulateTransientObject(key, &secret, 1);
	if (result == TEE_SUCCESS) {
		TEE_GetOperationInfo(operation, &info);
		if (info.handleState & TEE_HANDLE_FLAG_KEY_SET) {
			TEE_ResetOperation(operation); /* only an idle operation takes a new key */
		}
		result = TEE_SetOperationKey(operation, key);
	}
	TEE_FreeTransientObject(key);
	return result;
}

static TEE_Result set_key(TEE_OperationHandle operation, const TEE_Param params[TEE_NUM_PARAMS])
{
	uint8_t key[SHARED_MEMORY_BLOCK];
	uint8_t counter[SHARED_MEMORY_BLOCK];
	TEE_Result result;

	if (params[0].memref.size != sizeof(key) || params[1].memref.size != sizeof(counter)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_MemMove(key, params[0].memref.buffer, sizeof(key));
	TEE_MemMove(counter, params[1].memref.buffer, sizeof(counter));
	result = load_key(operation, key);
	TEE_MemFill(key, 0, sizeof(key));
	if (result == TEE_SUCCESS) {
		TEE_CipherInit(operation, counter, sizeof(counter));
	}
	return result;
}

/* In place: each byte of shared memory is read once and written once, so the client gains nothing by racing us. */
static TEE_Result cipher(TEE_OperationHandle operation, TEE_Param params[TEE_NUM_PARAMS])
{
	TEE_OperationInfo info;
	size_t size = params[0].memref.size;

	TEE_GetOperationInfo(operation, &info);
	if (!(info.handleState & TEE_HANDLE_FLAG_INITIALIZED)) {
		return TEE_ERROR_BAD_STATE; /* no key yet: going on would end this trusted application */
	}
	IMSG("%zu bytes", size);
	return TEE_CipherUpdate(operation, params[0].memref.buffer, size, params[0].memref.buffer, &size);
}

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

/* Each session has a key of its own. */
TEE_Result TA_OpenSessionEntryPoint(uint32_t types __unused, TEE_Param params[TEE_NUM_PARAMS] __unused, void **session)
{
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	const TEE_Result result =
		TEE_AllocateOperation(&operation, TEE_ALG_AES_CTR, TEE_MODE_ENCRYPT, 8 * SHARED_MEMORY_BLOCK);

	*session = operation;
	return result;
}

void TA_CloseSessionEntryPoint(void *session)
{
	TEE_FreeOperation(session);
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	if (command == SHARED_MEMORY_SET_KEY && types == key_types) {
		return set_key(session, params);
	}
	if (command == SHARED_MEMORY_CIPHER && types == cipher_types) {
		return cipher(session, params);
	}
	return TEE_ERROR_BAD_PARAMETERS;
}
