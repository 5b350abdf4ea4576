// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trv::tool::trace {

/// Only words from this page and from contract/trace_record.hpp go into the file, none from a guest: nothing needs an
/// escape in JSON.

/// [optee_msg.h] OPTEE_MSG_CMD_*
[[nodiscard]] std::string name_of_tee_command(std::uint32_t command);
/// [optee_rpc_cmd.h] OPTEE_RPC_CMD_*
[[nodiscard]] std::string name_of_rpc(std::uint32_t command);

} // namespace trv::tool::trace
