// SPDX-License-Identifier: Apache-2.0
#pragma once
// The device tree of the host VM: the machine's own, with the VM's memory, CPUs and boot data, without what the host does
// not get (guest/host_filter.hpp).

#include "guest/host_filter.hpp"
#include "guest/layout.hpp"
#include "guest/tree.hpp"

namespace trv::guest {

/// Enough for any tree that build_host_tree() makes of this one.
[[nodiscard]] std::size_t host_tree_room(const DeviceTree& machine);

/// Opens the root, and writes all but the secure services. Precondition: is_sound()
void begin_host_tree(TreeWriter& tree, const HostFilter& filter, const Layout& layout, const TreeInput& input);

/// @param buffer     aligned to 8 bytes
/// @param input      its `stdout_path` is not used: the machine's stays
/// @param write_rest writes the nodes of the VM's secure services into a TreeWriter&
/// @return           the tree's size; Error::NoMemory if the buffer is too small, Error::Invalid for invalid input
template <typename WriteRest>
[[nodiscard]] Result<std::size_t> build_host_tree(std::span<u8> buffer, const HostFilter& filter, const Layout& layout,
                                                  const TreeInput& input, WriteRest write_rest) {
    if (!is_sound(buffer, input)) {
        return fail(Error::Invalid);
    }
    TreeWriter tree(buffer);
    begin_host_tree(tree, filter, layout, input);
    write_rest(tree);
    return end_tree(tree);
}

} // namespace trv::guest
