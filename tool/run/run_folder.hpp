#pragma once

#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>

namespace trv::tool::runs {

/// The folder of one run, with its logs and everything that was made for it. It stays when the run has ended.
class RunFolder {
  public:
    /// Makes build/run/MACHINE-N with the first N that is free; runs at the same time get different ones.
    [[nodiscard]] static Result<RunFolder> create(const Paths& paths, const std::filesystem::path& machine);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path vm_log(const std::string& vm) const { return path_ / (vm + ".log"); }
    [[nodiscard]] std::filesystem::path ramdisk(const std::string& vm) const { return path_ / (vm + ".initramfs"); }
    // The machine reader refuses VMs of these names, whose logs would be these.
    [[nodiscard]] std::filesystem::path hypervisor_log() const { return path_ / "hypervisor.log"; }
    [[nodiscard]] std::filesystem::path secure_log() const { return path_ / "tee.log"; }
    [[nodiscard]] std::filesystem::path events_log() const { return path_ / "events.jsonl"; }
    [[nodiscard]] std::filesystem::path qemu_log() const { return path_ / "qemu.log"; }
    [[nodiscard]] std::filesystem::path device_tree() const { return path_ / "machine.dtb"; }

  private:
    explicit RunFolder(std::filesystem::path path) : path_{std::move(path)} {}
    std::filesystem::path path_;
};

} // namespace trv::tool::runs
