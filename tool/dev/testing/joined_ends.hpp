// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"

namespace trv::tool::dev::testing {

/// Two joined descriptors: ours, and the one that a command under test has as its terminal or, without a terminal, as
/// its standard input and output.
struct JoinedEnds {
    FileDescriptor ours{};
    FileDescriptor its{};
};

[[nodiscard]] Result<JoinedEnds> make_terminal();
[[nodiscard]] Result<JoinedEnds> make_socket();

} // namespace trv::tool::dev::testing
