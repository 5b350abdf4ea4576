#pragma once

#include <sys/types.h>

namespace trv::tool {

/// From now on, a signal that ends this command (SIGINT, SIGTERM, SIGHUP) ends all that its children started, too. They
/// have process groups of their own, so the terminal's Ctrl-C does not reach them, and what dies with us by itself is
/// only the child, not the child's children.
void end_children_with_us();

/// A child's group counts as ours from its start until the child was waited for.
void remember_group(pid_t group);
void forget_group(pid_t group);

} // namespace trv::tool
