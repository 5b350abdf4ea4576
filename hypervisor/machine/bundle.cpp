// SPDX-License-Identifier: Apache-2.0
#include "machine/bundle.hpp"

#include "contract/bundle.hpp"
#include "lib/checked.hpp"
#include "lib/cpio.hpp"
#include "lib/fixed_vector.hpp"
#include "machine/images.hpp"
#include "machine/parts.hpp"

#include <algorithm>
#include <cstring>

namespace trv::machine {
namespace {

class Bundle final : public Images {
  public:
    /// Error::Invalid if the archive is damaged, Error::TooMany members
    Result<void> read(std::span<u8> initrd, Pa at);

    /// Null without such a member.
    [[nodiscard]] const CpioMember* member(std::string_view name) const {
        const auto* const found = std::ranges::find(members_, name, &CpioMember::name);
        return found != members_.end() ? found : nullptr;
    }

    [[nodiscard]] std::expected<PaRange, std::string_view> find(const DeviceProperty& named) const override;
    [[nodiscard]] std::string_view expected() const override { return "the name of a member of the bundle"; }

  private:
    FixedVector<CpioMember, contract::bundle::max_members> members_;
    const u8* begin_ = nullptr; ///< at `at_`
    Pa at_{0};
};

Result<void> Bundle::read(std::span<u8> initrd, Pa at) {
    begin_ = initrd.data();
    at_ = at;
    CpioReader reader(initrd);
    while (const std::optional<CpioMember> found = TRY(reader.next())) {
        if (!members_.push_back(*found)) {
            return fail(Error::TooMany);
        }
    }
    return members_.push_back({contract::bundle::appended, reader.rest()}) ? Result<void>() : fail(Error::TooMany);
}

std::expected<PaRange, std::string_view> Bundle::find(const DeviceProperty& named) const {
    const auto name = named.text();
    const CpioMember* const found = name ? member(*name) : nullptr;
    if (found == nullptr || found->content.empty()) {
        return std::unexpected(expected());
    }
    return PaRange{at_ + static_cast<u64>(found->content.data() - begin_), found->content.size()};
}

/// Archives align to 4 bytes, trees to 8: moves the tree down, over the end of its own header.
Result<DeviceTree> open_tree(std::span<u8> member) {
    constexpr u64 alignment = 8;
    const u64 moved = reinterpret_cast<u64>(member.data()) % alignment;
    u8* const begin = member.data() - moved;
    std::memmove(begin, member.data(), member.size());
    return DeviceTree::open({begin, member.size()});
}

} // namespace

void parse_bundle(std::span<u8> initrd, Pa at, Machine& machine, Problems& problems) {
    if (!CpioReader(initrd).is_archive()) {
        return;
    }
    Bundle bundle;
    if (const Result<void> read = bundle.read(initrd, at); !read) {
        problems.add("the boot loader's initial RAM disk is no bundle: {}", name_of(read.error()));
        return;
    }
    const CpioMember* const member = bundle.member(contract::bundle::tree_member);
    if (member == nullptr) {
        return;
    }
    const Result<DeviceTree> tree = open_tree(member->content);
    if (!tree) {
        problems.add("the bundle's {}: {}", contract::bundle::tree_member, name_of(tree.error()));
        return;
    }
    parse_vms(*tree, bundle, machine, problems);
}

} // namespace trv::machine
