// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/device_tree/device_tree.hpp"
#include "machine/description.hpp"

#include <expected>
#include <string_view>

namespace trv::machine {

/// Where the images of VMs are. What the properties `kernel` and `ramdisk` say depends on where the VM's node is from.
class Images {
  public:
    /// @return the image that the property names, or what was expected of it
    [[nodiscard]] virtual std::expected<PaRange, std::string_view> find(const DeviceProperty& named) const = 0;
    /// What the properties are.
    [[nodiscard]] virtual std::string_view expected() const = 0;

  protected:
    ~Images() = default;
};

/// Of the boot loader's tree: it has put them anywhere into RAM.
class ImagesInRam final : public Images {
  public:
    /// @param machine with its memory
    explicit ImagesInRam(const Machine& machine) : machine_(machine) {}

    [[nodiscard]] std::expected<PaRange, std::string_view> find(const DeviceProperty& named) const override;
    [[nodiscard]] std::string_view expected() const override { return "64 bits of address and 64 bits of size"; }

  private:
    const Machine& machine_;
};

/// Whether a range is inside one bank, and nothing forbids to map it.
[[nodiscard]] bool is_usable_ram(const Machine& machine, PaRange range);

} // namespace trv::machine
