// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/rootfs/initramfs.hpp"

#include "tool/guest/cpio_writer.hpp"
#include "tool/guest/kernel/kernel.hpp"
#include "tool/guest/rootfs/rootfs.hpp"
#include "tool/machine/values/kernel_name.hpp"
#include "tool/support/files.hpp"

namespace trv::tool::guest {
namespace {

Result<std::string> overlay_archive(const Paths& paths, const std::filesystem::path& overlay) {
    if (!std::filesystem::is_directory(overlay)) {
        return usage_error(overlay, "overlay", "is not a folder", "Name the folder to overlay.");
    }
    const TemporaryFolder scratch = TRY(TemporaryFolder::create(paths.run(), "overlay"));
    const std::filesystem::path archive = scratch.path() / "overlay.cpio";
    CpioWriter writer = TRY(CpioWriter::create(archive));
    TRY(writer.add_tree(overlay));
    TRY(writer.finish());
    return read_file(archive);
}

} // namespace

Result<std::filesystem::path> compose_initramfs(const Paths& paths, const std::string& kernel,
                                                const std::string& rootfs,
                                                const std::optional<std::filesystem::path>& overlay,
                                                const std::filesystem::path& out) {
    const auto width = machine::is_32_bit(kernel) ? Width::Bits32 : Width::Bits64;
    const std::filesystem::path base = rootfs == "demo" ? demo_rootfs(paths, width) : std::filesystem::path(rootfs);
    if (!std::filesystem::exists(base)) {
        return rootfs == "demo" ? failure("demo", "the root file system is not set up", "Run ./trivisor setup.")
                                : usage_error(rootfs, "rootfs", "no such file", "Name an initramfs, or \"demo\".");
    }
    std::string initramfs = TRY(read_file(base));
    if (const auto package = machine::kernel_package(kernel)) {
        append_aligned(initramfs, TRY(read_file(kernel_files(paths, *package).modules)));
    }
    if (overlay) {
        append_aligned(initramfs, TRY(overlay_archive(paths, *overlay)));
    }
    TRY(write_file(out, initramfs));
    return out;
}

} // namespace trv::tool::guest
