/* SPDX-License-Identifier: Apache-2.0 */
/* The trusted application: counts up and down. */

#include <hello_world.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

/* The first parameter is a value that goes in and out, the others are unused. */
static const uint32_t expected_types =
	TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);

static TEE_Result increment(TEE_Param params[TEE_NUM_PARAMS])
{
	IMSG("got %" PRIu32, params[0].value.a);
	params[0].value.a++;
	IMSG("gave %" PRIu32, params[0].value.a);
	return TEE_SUCCESS;
}

static TEE_Result decrement(TEE_Param params[TEE_NUM_PARAMS])
{
	IMSG("got %" PRIu32, params[0].value.a);
	params[0].value.a--;
	IMSG("gave %" PRIu32, params[0].value.a);
	return TEE_SUCCESS;
}

/* Called once, when the trusted application is loaded; and once before it is unloaded. */
TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

/* Called for each session that a client opens and closes. */
TEE_Result TA_OpenSessionEntryPoint(uint32_t types __unused, TEE_Param params[TEE_NUM_PARAMS] __unused,
				    void **session __unused)
{
	return TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void *session __unused)
{
}

/* Called for each command. Never trust the client: it may send anything. */
TEE_Result TA_InvokeCommandEntryPoint(void *session __unused, uint32_t command, uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	if (types != expected_types) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	switch (command) {
	case HELLO_WORLD_INCREMENT:
		return increment(params);
	case HELLO_WORLD_DECREMENT:
		return decrement(params);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
