// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"

#include <filesystem>

namespace trv::tool {

/// The places of files in the checkout. The command writes only below build/.
class Paths {
  public:
    /// From the environment's TRIVISOR_ROOT, which `./trivisor` sets, otherwise from the executable's path.
    [[nodiscard]] static Result<Paths> find();

    explicit Paths(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path build() const { return root_ / "build"; }
    [[nodiscard]] std::filesystem::path logs() const { return build() / "logs"; }
    [[nodiscard]] std::filesystem::path cache() const { return build() / "cache"; }
    [[nodiscard]] std::filesystem::path stamps() const { return cache() / "stamps"; }

    /// Downloaded packages and the trees they were unpacked into.
    [[nodiscard]] std::filesystem::path packages() const { return cache() / "packages"; }
    [[nodiscard]] std::filesystem::path resolved_versions() const { return packages() / "resolved.json"; }

    /// Flash images, one folder per variant of OP-TEE.
    [[nodiscard]] std::filesystem::path firmware() const { return build() / "firmware"; }

    /// Kernels, their modules, and initramfs images.
    [[nodiscard]] std::filesystem::path guest() const { return build() / "guest"; }

    [[nodiscard]] std::filesystem::path hypervisor_build() const { return build() / "hypervisor"; }
    [[nodiscard]] std::filesystem::path hypervisor_image() const {
        return hypervisor_build() / "hypervisor" / "trivisor.bin";
    }
    [[nodiscard]] std::filesystem::path hypervisor_elf() const {
        return hypervisor_build() / "hypervisor" / "trivisor.elf";
    }

    /// Device trees, logs and composed ram disks of machine runs.
    [[nodiscard]] std::filesystem::path run() const { return build() / "run"; }

    /// A path as a message should show it: relative to the checkout when it lies in it.
    [[nodiscard]] std::string shown(const std::filesystem::path& path) const;

  private:
    std::filesystem::path root_;
};

} // namespace trv::tool
