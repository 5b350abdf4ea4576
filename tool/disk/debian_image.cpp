// SPDX-License-Identifier: Apache-2.0
#include "tool/disk/debian_image.hpp"

#include "tool/guest/kernel/kernel.hpp"
#include "tool/guest/rootfs/agent.hpp"
#include "tool/guest/rootfs/initramfs.hpp"
#include "tool/packages/mirror.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/platform/qemu_arguments.hpp"
#include "tool/setup/setup.hpp"
#include "tool/setup/setup_lock.hpp"
#include "tool/setup/setup_step.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/process/process.hpp"
#include "tool/support/stamps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <chrono>

namespace trv::tool::disk {
namespace {

constexpr const char* place = "setup: disk";
constexpr const char* suite = "trixie";
constexpr const char* kernel = "debian:trixie"; // runs the installation
constexpr std::chrono::minutes install_limit{60};

/// What the system is made of; apt adds all that these need. The pattern selects what every Debian has.
constexpr std::array packages = {
    "?narrow(?codename(^trixie$),?essential)",
    "apt",
    "linux-image-arm64",
    "initramfs-tools",
    "zstd", // for initramfs-tools
    "systemd-sysv",
    "systemd-resolved",
    "libpam-systemd",
    "dbus",
    "udev",
    "kmod",
    "login",
    "util-linux-extra", // hwclock
    "dosfstools",       // for the system partition
    "e2fsprogs",
    "procps",
    "iproute2",
    "iputils-ping",
    "less",
    "nano",
    "tee-supplicant",
};

std::filesystem::path host_files(const Paths& paths) {
    return paths.root() / "guests" / "host";
}

std::filesystem::path lay_out_script(const Paths& paths) {
    return paths.root() / "tool" / "disk" / "lay_out.sh";
}

Result<std::string> inputs(const Paths& paths) {
    Sha256 hash;
    for (const char* package : packages) {
        hash.add_field(package);
    }
    hash.add_field(TRY(guest::agent_inputs(paths)));
    TRY(hash.add_path(host_files(paths)));
    TRY(hash.add_path(lay_out_script(paths)));
    return hash.finish();
}

/// Puts the packages' files into a folder, without copying them.
Result<void> gather(const std::vector<std::filesystem::path>& files, const std::filesystem::path& folder) {
    TRY(make_folder(folder));
    for (const auto& file : files) {
        std::error_code problem;
        std::filesystem::create_hard_link(file, folder / file.filename(), problem);
        if (problem) {
            return failure(file.string(), "cannot be linked: " + problem.message());
        }
    }
    return {};
}

Result<void> lay_out(const Paths& paths, const std::filesystem::path& work, const std::filesystem::path& log) {
    const auto agent = work / "agent";
    TRY(guest::build_agent(paths, agent));
    return run_checked(place, {.arguments = {"fakeroot", "sh", lay_out_script(paths), work, host_files(paths), agent,
                                             TRY(packages::find_mirror())},
                               .log = log});
}

/// QEMU's arguments for the machine in which the packages are installed: as little as possible, hence fast.
std::vector<std::string> installing_machine(const std::filesystem::path& work, const std::filesystem::path& image,
                                            const std::filesystem::path& console) {
    const auto initramfs = work / "initramfs";
    return {platform::qemu, "-M", "virt", "-cpu", "cortex-a57", "-smp", "2", "-m", "1024M", "-nic", "none", "-display",
            "none", "-monitor", "none", "-no-reboot", "-kernel", image.string(), "-initrd", initramfs.string(),
            "-append", "console=ttyAMA0 quiet panic=-1", "-drive",
            // What a power failure would leave is thrown away.
            fmt::format("if=none,id=disk,file={},format=raw,cache=unsafe,discard=unmap",
                        platform::escaped(work / "disk.img")),
            "-device", "virtio-blk-pci,drive=disk", "-serial", "file:" + console.string()};
}

Result<void> install(const Paths& paths, const std::filesystem::path& work, std::size_t package_count,
                     Progress::Step& step) {
    const auto overlay = work / "overlay";
    TRY(write_file(overlay / "init", TRY(read_file(host_files(paths) / "init"))));
    TRY(set_mode(overlay / "init", 0755));
    TRY(guest::compose_initramfs(paths, kernel, "demo", overlay, work / "initramfs"));
    const auto console = paths.logs() / "disk-install.log";
    const auto image = TRY(guest::kernel_image(paths, kernel));
    Process machine =
        TRY(Process::start({.arguments = installing_machine(work, image, console), .log = paths.logs() / "disk.log"}));
    const auto end = std::chrono::steady_clock::now() + install_limit;
    while (!machine.wait_for(std::chrono::seconds{1}) && std::chrono::steady_clock::now() < end) {
        const auto count = count_installed(read_file(console).value_or(""));
        step.update(fmt::format("installing in an emulated machine, {} of {} packages", count, package_count));
    }
    machine.stop();
    if (!last_lines(console, 4).contains("the disk is complete")) {
        return failure(
            place, "the installation in an emulated machine failed",
            fmt::format("Try again. What it said, {}, ends with:\n{}", console.string(), last_lines(console, 12)));
    }
    return {};
}

Result<void> build(Context& context, packages::PackageStore& store) {
    const Paths& paths = context.paths;
    Progress::Step step(context.progress, place);
    const auto log = paths.logs() / "disk.log";
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    std::filesystem::remove(paths.logs() / "disk-install.log", ignored);
    std::vector<std::string> names{packages.begin(), packages.end()};
    if (TRY(packages::find_mirror()).starts_with("https:")) {
        names.emplace_back("ca-certificates");
    }
    const auto files = TRY(store.require_installation(suite, names, step));
    const TemporaryFolder scratch = TRY(TemporaryFolder::create(paths.cache(), "disk"));
    const auto& work = scratch.path();
    step.update("unpacking the packages");
    TRY(gather(files, work / "archives"));
    TRY(lay_out(paths, work, log));
    TRY(install(paths, work, files.size(), step));
    step.update("compressing");
    TRY(make_folder(debian_image(paths).parent_path()));
    TRY(make_whole(debian_image(paths), [&](const std::filesystem::path& beside) {
        return run_checked(
            place,
            {.arguments = {"tar", "-I", "zstd -3 -T0", "--sparse", "-cf", beside, "-C", work, "disk.img"}, .log = log});
    }));
    step.done(fmt::format("{} packages, {} MB", files.size(),
                          std::filesystem::file_size(debian_image(paths), ignored) / 1'000'000));
    return {};
}

} // namespace

std::filesystem::path debian_image(const Paths& paths) {
    return paths.cache() / "disks" / "debian-trixie.tar.zst";
}

Result<void> require_debian_image(Context& context) {
    const Stamps stamps(context.paths.stamps());
    const std::string step = "disk debian-trixie";
    const std::string wanted = TRY(inputs(context.paths));
    if (stamps.fresh(step, wanted, {debian_image(context.paths)})) {
        return {};
    }
    TRY(setup::run_setup(context, {.kernels = std::vector<std::string>{kernel}, .hypervisor = false}));
    const setup::SetupLock lock = TRY(setup::SetupLock::take(context));
    if (stamps.fresh(step, wanted, {debian_image(context.paths)})) {
        return {}; // another command has made it meanwhile
    }
    packages::PackageStore store(context.paths);
    TRY(build(context, store));
    return stamps.record(step, wanted);
}

std::size_t count_installed(std::string_view log) {
    constexpr std::string_view words = "\nSetting up ";
    std::size_t count = 0;
    for (std::size_t at = log.find(words); at != std::string_view::npos; at = log.find(words, at + 1)) {
        ++count;
    }
    return count;
}

} // namespace trv::tool::disk
