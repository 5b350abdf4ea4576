// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/paths.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trv::tool::run_folder {

inline constexpr const char* events_name = "events.jsonl"; ///< of the file with the machine's events

/// The folder of one run, with its logs and all files created for it. It stays after the run's end, until five newer
/// ones of the same machine exist.
class RunFolder {
  public:
    /// Creates build/run/MACHINE-N, with N one greater than the newest; concurrent runs get different ones.
    [[nodiscard]] static Result<RunFolder> create(const Paths& paths, const std::filesystem::path& machine);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path vm_log(const std::string& vm) const { return path_ / (vm + ".log"); }
    [[nodiscard]] std::filesystem::path ramdisk(const std::string& vm) const { return path_ / (vm + ".initramfs"); }
    // No VM's name contains a dot.
    [[nodiscard]] std::filesystem::path vm_tee_log(const std::string& vm) const { return path_ / (vm + ".tee.log"); }
    // The machine reader refuses VMs of these names, whose logs would be these.
    [[nodiscard]] std::filesystem::path hypervisor_log() const { return path_ / "hypervisor.log"; }
    [[nodiscard]] std::filesystem::path secure_log() const { return path_ / "tee.log"; }
    [[nodiscard]] std::filesystem::path events_log() const { return path_ / events_name; }
    [[nodiscard]] std::filesystem::path trace() const { return path_ / "trace.json"; }
    [[nodiscard]] std::filesystem::path qemu_log() const { return path_ / "qemu.log"; }
    [[nodiscard]] std::filesystem::path device_tree() const { return path_ / "machine.dtb"; }

  private:
    RunFolder(std::filesystem::path path, FileDescriptor lock) : path_{std::move(path)}, lock_{std::move(lock)} {}

    std::filesystem::path path_;
    FileDescriptor lock_; // on the folder itself, while the run is alive
};

/// A run's folder, of which machine, and whose number.
struct RunEntry {
    std::filesystem::path path{};
    std::string machine{};
    unsigned number = 0;
};

/// The folders of all runs, those of a machine from old to new.
[[nodiscard]] std::vector<RunEntry> all_runs(const Paths& paths);

/// Whether the run that created the folder is alive.
[[nodiscard]] bool is_running(const std::filesystem::path& run_folder);

/// The path of the machine description of the folder's run.
[[nodiscard]] Result<std::filesystem::path> description_of(const std::filesystem::path& run_folder);

/// Whether the folder's run used this machine description.
[[nodiscard]] bool is_run_of(const std::filesystem::path& run_folder, const std::filesystem::path& machine);

} // namespace trv::tool::run_folder
