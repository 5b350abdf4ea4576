// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a VM that the host makes has beside its description: it lives as long as that.

#include "console/host_line.hpp"
#include "lib/unique.hpp"
#include "vm/host/io_devices.hpp"
#include "vm/host/loaded_image.hpp"
#include "vm/host/variables.hpp"

#include <array>

namespace trv::vm {

/// Given once, never again. 0: none.
enum class VmHandle : u64 {};

struct Belongings {
    Belongings(LoadedImage its_kernel, LoadedImage its_ramdisk)
        : images{std::move(its_kernel), std::move(its_ramdisk)} {}

    [[nodiscard]] bool is_complete() const {
        return kernel().loaded() == kernel().size() && ramdisk().loaded() == ramdisk().size();
    }
    [[nodiscard]] const LoadedImage& kernel() const { return images[0]; }
    [[nodiscard]] const LoadedImage& ramdisk() const { return images[1]; }
    /// @return whether all is given back; if not, try again
    [[nodiscard]] bool give_back_step() {
        if constexpr (option::firmware) {
            Variables* const flash = variables.get();
            if (flash != nullptr && !flash->give_back_step()) {
                return false;
            }
        }
        return images[0].give_back_step() && images[1].give_back_step();
    }

    std::array<LoadedImage, 2> images; ///< in the order of contract::manager::Image
    Unique<console::HostLine> console;
    Unique<console::HostLine> agent;
    Unique<IoDevices> io;     ///< none in images without
    OwnedVariables variables; ///< none of a VM without firmware
};

} // namespace trv::vm
