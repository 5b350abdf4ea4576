// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

namespace trv::tool {

/// From now on, a signal that ends this command (SIGINT, SIGTERM, SIGHUP) also ends its children's process groups. The
/// groups are separate, so the terminal's Ctrl-C does not reach them, and only the direct child is killed with its
/// parent.
void end_children_with_us();

/// A child's group is registered from its start until the child was waited for.
void remember_group(pid_t group);
void forget_group(pid_t group);

} // namespace trv::tool
