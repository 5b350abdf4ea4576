// SPDX-License-Identifier: Apache-2.0
#pragma once
// The secure services that this image has. A VM has a share of each as a tee::SecureService.

#include "generated/option/optee.hpp"
#include "tee/none/mediator.hpp"
#include "tee/optee/partition/mediator.hpp"

#include <type_traits>

namespace trv::vm {

/// Of the machine's OP-TEE. In an image without OP-TEE nothing refers to tee/optee/ then, and nothing of it is linked.
using Mediator = std::conditional_t<option::optee, tee::optee::Mediator, tee::none::Mediator>;

} // namespace trv::vm
