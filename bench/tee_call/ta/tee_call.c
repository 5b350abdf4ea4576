/* SPDX-License-Identifier: Apache-2.0 */
/* The trusted application of the benchmark: does nothing, so that the way to it and back is what is measured. */

#include <tee_call.h>
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>

#define MOST_WAITS 250 /* some seconds: the request may have come before the first, and then it is lost */

/* OP-TEE sees a cancellation only where a wait begins or ends, hence many short ones: each lets the normal world sleep. */
static TEE_Result wait_for_cancellation(void)
{
	TEE_Result result = TEE_SUCCESS;

	TEE_UnmaskCancellation();
	for (unsigned waited = 0; waited < MOST_WAITS && result == TEE_SUCCESS; ++waited) {
		result = TEE_Wait(1);
	}
	TEE_MaskCancellation();
	return result;
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

TEE_Result TA_InvokeCommandEntryPoint(void *session __unused, uint32_t command, uint32_t types __unused,
				      TEE_Param params[TEE_NUM_PARAMS] __unused)
{
	switch (command) {
	case TEE_CALL_RETURN:
		return TEE_SUCCESS;
	case TEE_CALL_WAIT:
		return wait_for_cancellation() == TEE_ERROR_CANCEL ? TEE_SUCCESS : TEE_ERROR_BAD_STATE;
	default:
		return TEE_ERROR_NOT_SUPPORTED;
	}
}
