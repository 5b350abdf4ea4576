// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/vm_disk.hpp"

#include <fmt/format.h>

namespace trv::tool::machine {

std::string where_is(const VmDisk& disk) {
    if (!disk.nbd) {
        return disk.image.string();
    }
    const NbdExport& nbd = *disk.nbd;
    const bool is_v6 = nbd.server.address.contains(':');
    const auto server = !nbd.socket.empty() ? std::string{unix_prefix} + nbd.socket.string()
                                            : fmt::format("{}{}{}:{}", is_v6 ? "[" : "", nbd.server.address,
                                                          is_v6 ? "]" : "", nbd.server.port);
    return fmt::format("nbd {}{}{}", server, nbd.name.empty() ? "" : " ", nbd.name);
}

} // namespace trv::tool::machine
