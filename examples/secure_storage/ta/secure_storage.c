/* SPDX-License-Identifier: Apache-2.0 */
/* The trusted application: keeps objects in OP-TEE's secure storage, where only it can reach them. */

#include <secure_storage.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

struct name {
	char text[SECURE_STORAGE_LONGEST_NAME];
	size_t size;
};

/* The client can change its memory while we work: what is checked must be a copy. */
static TEE_Result take_name(const TEE_Param *param, struct name *name)
{
	name->size = param->memref.size;
	if (name->size == 0 || name->size > sizeof(name->text)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_MemMove(name->text, param->memref.buffer, name->size);
	return TEE_SUCCESS;
}

static TEE_Result take_data(const TEE_Param *param, void **data)
{
	*data = TEE_Malloc(param->memref.size, TEE_USER_MEM_HINT_NO_FILL_ZERO);
	if (*data == NULL) {
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	TEE_MemMove(*data, param->memref.buffer, param->memref.size);
	return TEE_SUCCESS;
}

/* Secure storage replaces an object in one piece: it has its old data or its new data, never a mixture. */
static TEE_Result store(const struct name *name, const TEE_Param *param, uint32_t extra_flags)
{
	const uint32_t flags = TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE |
			       TEE_DATA_FLAG_ACCESS_WRITE_META | extra_flags;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	void *data = NULL;
	TEE_Result result = take_data(param, &data);

	if (result != TEE_SUCCESS) {
		return result;
	}
	result = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name->text, name->size, flags, TEE_HANDLE_NULL, data,
					    param->memref.size, &object);
	TEE_Free(data);
	if (result == TEE_SUCCESS) {
		IMSG("stored %zu bytes", (size_t)param->memref.size);
		TEE_CloseObject(object);
	}
	return result;
}

static TEE_Result open(const struct name *name, uint32_t flags, TEE_ObjectHandle *object)
{
	return TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, name->text, name->size, flags, object);
}

static TEE_Result write_object(const struct name *name, const TEE_Param *param)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result result = open(name, TEE_DATA_FLAG_ACCESS_READ, &object);

	if (result != TEE_SUCCESS) {
		return result; /* only what was created can be written */
	}
	TEE_CloseObject(object);
	return store(name, param, TEE_DATA_FLAG_OVERWRITE);
}

static TEE_Result read_object(const struct name *name, TEE_Param *param)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_ObjectInfo info;
	size_t count = 0;
	TEE_Result result = open(name, TEE_DATA_FLAG_ACCESS_READ, &object);

	if (result != TEE_SUCCESS) {
		return result;
	}
	result = TEE_GetObjectInfo1(object, &info);
	if (result == TEE_SUCCESS && info.dataSize > param->memref.size) {
		param->memref.size = info.dataSize; /* the client learns how much room it needs */
		result = TEE_ERROR_SHORT_BUFFER;
	} else if (result == TEE_SUCCESS) {
		result = TEE_ReadObjectData(object, param->memref.buffer, info.dataSize, &count);
		param->memref.size = count;
	}
	TEE_CloseObject(object);
	return result;
}

static TEE_Result delete_object(const struct name *name)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result result = open(name, TEE_DATA_FLAG_ACCESS_WRITE_META, &object);

	return result == TEE_SUCCESS ? TEE_CloseAndDeletePersistentObject1(object) : result;
}

static uint32_t expected_types(uint32_t command)
{
	const uint32_t second = command == SECURE_STORAGE_READ	 ? TEE_PARAM_TYPE_MEMREF_OUTPUT
				: command == SECURE_STORAGE_DELETE ? TEE_PARAM_TYPE_NONE
								   : TEE_PARAM_TYPE_MEMREF_INPUT;
	return TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, second, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
}

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types __unused, TEE_Param params[TEE_NUM_PARAMS] __unused,
				    void **session __unused)
{
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session __unused)
{
}

TEE_Result TA_InvokeCommandEntryPoint(void *session __unused, uint32_t command, uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	struct name name = {.size = 0};

	if (types != expected_types(command) || take_name(&params[0], &name) != TEE_SUCCESS) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	switch (command) {
	case SECURE_STORAGE_CREATE:
		return store(&name, &params[1], 0);
	case SECURE_STORAGE_WRITE:
		return write_object(&name, &params[1]);
	case SECURE_STORAGE_READ:
		return read_object(&name, &params[1]);
	case SECURE_STORAGE_DELETE:
		return delete_object(&name);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
