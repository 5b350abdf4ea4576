// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/platform/platform.hpp"
#include "tool/support/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::tree {

inline constexpr std::uint64_t hypervisor_room = 0x0100'0000;  // image and what it clears behind itself
inline constexpr std::uint64_t module_alignment = 0x0020'0000; // an arm64 Image needs 2 MiB [Linux booting.rst 4]

/// A file that is in the machine's memory at power-on, or in a bundle.
struct Module {
    std::filesystem::path file;
    std::uint64_t address;
    std::uint64_t size;
    std::string member{}; ///< its name in the bundle; empty: it is in memory
};

/// Finds a place in RAM above the hypervisor for kernels and ram disks. A file is placed once, even if several VMs use
/// it.
class ModuleLayout {
  public:
    ModuleLayout(const platform::MemoryMap& map, std::uint64_t ram_bytes)
        : start_{map.image_address + hypervisor_room}, end_{map.ram_base + ram_bytes} {}

    [[nodiscard]] Result<Module> place(const std::filesystem::path& file);

    [[nodiscard]] const std::vector<Module>& modules() const { return modules_; }

    /// RAM that the modules take, rounded up as they are placed.
    [[nodiscard]] std::uint64_t bytes() const { return next_ - start_; }

  private:
    std::vector<Module> modules_;
    std::uint64_t start_;
    std::uint64_t next_ = start_;
    std::uint64_t end_;
};

} // namespace trv::tool::tree
