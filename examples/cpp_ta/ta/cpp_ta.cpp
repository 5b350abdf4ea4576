// SPDX-License-Identifier: Apache-2.0
// The trusted application's entry points; the work is done in classes.

#include "tally.hpp"
#include "tee.hpp"

#include <cpp_ta.h>

namespace {

constexpr uint32_t add_types =
    TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
constexpr uint32_t report_types = TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,
                                                  TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);

} // namespace

extern "C" {

TEE_Result TA_CreateEntryPoint() {
    return TEE_SUCCESS;
}

void TA_DestroyEntryPoint() {}

TEE_Result TA_OpenSessionEntryPoint(uint32_t, TEE_Param[TEE_NUM_PARAMS], void** session) {
    *session = Tally::create();
    return *session == nullptr ? TEE_ERROR_OUT_OF_MEMORY : TEE_SUCCESS;
}

void TA_CloseSessionEntryPoint(void* session) {
    Tally::destroy(static_cast<Tally*>(session));
}

TEE_Result TA_InvokeCommandEntryPoint(void* session, uint32_t command, uint32_t types, TEE_Param params[TEE_NUM_PARAMS]) {
    auto& tally = *static_cast<Tally*>(session);
    if (command == CPP_TA_ADD && types == add_types) {
        return tally.add(params[0].value.a);
    }
    if (command == CPP_TA_REPORT && types == report_types) {
        return tally.report(params[0], params[1]);
    }
    return TEE_ERROR_BAD_PARAMETERS;
}
}
