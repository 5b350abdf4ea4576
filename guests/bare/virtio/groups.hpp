// SPDX-License-Identifier: Apache-2.0
#pragma once
// The groups of attacks, each a command of its own.

#include <string_view>

namespace trv::bare::virtio {

void honest(std::string_view arguments);
void order_of_steps(std::string_view arguments);
void registers(std::string_view arguments);
void outside(std::string_view arguments);
void chains(std::string_view arguments);
void requests(std::string_view arguments);
void resets(std::string_view arguments);
void races(std::string_view arguments);
void kicks(std::string_view arguments);

} // namespace trv::bare::virtio
