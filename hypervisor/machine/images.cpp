// SPDX-License-Identifier: Apache-2.0
#include "machine/images.hpp"

#include "lib/checked.hpp"

#include <algorithm>

namespace trv::machine {

std::expected<PaRange, std::string_view> ImagesInRam::find(const DeviceProperty& named) const {
    const auto base = named.number(0, 2);
    const auto size = named.number(2, 2);
    const auto range = base && size && named.size() == 16 ? make_range(Pa(*base), *size) : fail(Error::Invalid);
    if (!range) {
        return std::unexpected(expected());
    }
    if (!is_usable_ram(machine_, *range)) {
        return std::unexpected("a range inside one bank of usable RAM");
    }
    return *range;
}

bool is_usable_ram(const Machine& machine, PaRange range) {
    const bool in_ram = std::ranges::any_of(machine.ram, [&](PaRange bank) { return bank.contains(range); });
    const bool barred = std::ranges::any_of(
        machine.reserved, [&](const ReservedRange& r) { return r.no_map && r.range.overlaps(range); });
    return in_ram && !barred;
}

} // namespace trv::machine
