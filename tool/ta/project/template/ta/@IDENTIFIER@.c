/* SPDX-License-Identifier: Apache-2.0 */
/* The trusted application. */

#include <@IDENTIFIER@.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

static TEE_Result double_value(uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	const uint32_t expected = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INOUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE,
						  TEE_PARAM_TYPE_NONE);

	if (types != expected) {
		return TEE_ERROR_BAD_PARAMETERS; /* never trust the client: it may send anything */
	}
	IMSG("got %" PRIu32, params[0].value.a);
	params[0].value.a *= 2;
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

/* Called for each command. */
TEE_Result TA_InvokeCommandEntryPoint(void *session __unused, uint32_t command, uint32_t types,
				      TEE_Param params[TEE_NUM_PARAMS])
{
	switch (command) {
	case @MACRO@_DOUBLE:
		return double_value(types, params);
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
