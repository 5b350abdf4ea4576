// SPDX-License-Identifier: Apache-2.0
#pragma once

// OP-TEE's headers are C.
extern "C" {
#include <tee_internal_api.h>
#include <tee_internal_api_extensions.h>
}
