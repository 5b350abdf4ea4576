// SPDX-License-Identifier: Apache-2.0
#include "tool/setup/setup.hpp"

#include "tool/devkit/kit.hpp"
#include "tool/firmware/optee_source.hpp"
#include "tool/firmware/tf_a.hpp"
#include "tool/guest/kernel/kernel.hpp"
#include "tool/guest/rootfs/agent.hpp"
#include "tool/guest/rootfs/rootfs.hpp"
#include "tool/guest/rootfs/rootfs_files.hpp"
#include "tool/machine/readers/optee_reader.hpp"
#include "tool/machine/values/kernel_name.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/setup/hypervisor_build.hpp"
#include "tool/setup/setup_lock.hpp"
#include "tool/setup/setup_step.hpp"
#include "tool/support/stamps.hpp"

#include <algorithm>

namespace trv::tool::setup {
namespace {

using packages::PackageId;
using packages::PackageStore;

Result<std::vector<PackageId>> kernel_packages(const SetupOptions& options) {
    const std::vector<std::string> names = options.kernels.value_or(
        std::vector<std::string>(machine::default_kernels.begin(), machine::default_kernels.end()));
    std::vector<PackageId> ids;
    for (const std::string& name : names) {
        TRY(machine::check_kernel_name(name));
        auto id = machine::kernel_package(name);
        if (id && std::ranges::find(ids, id->text(), &PackageId::text) == ids.end()) {
            ids.push_back(*std::move(id));
        }
    }
    return ids;
}

bool has_32_bit(const SetupOptions& options) {
    return options.kernels && std::ranges::any_of(*options.kernels, machine::is_32_bit);
}

Result<void> fetch_packages(PackageStore& store, Progress& progress, const SetupOptions& options,
                            const std::vector<PackageId>& kernels) {
    std::vector<PackageId> wanted = guest::rootfs_packages(guest::Width::Bits64);
    if (has_32_bit(options)) {
        const std::vector<PackageId> rootfs = guest::rootfs_packages(guest::Width::Bits32);
        wanted.insert(wanted.end(), rootfs.begin(), rootfs.end());
    }
    const std::vector<PackageId> board = options.platform->firmware.packages();
    wanted.insert(wanted.end(), board.begin(), board.end());
    if (std::ranges::any_of(options.optees, firmware::source_build)) {
        wanted.push_back(firmware::optee_source_package());
    }
    wanted.push_back(libfdt_package());
    const std::vector<PackageId> kit = devkit::kit_packages();
    wanted.insert(wanted.end(), kit.begin(), kit.end());
    wanted.insert(wanted.end(), kernels.begin(), kernels.end());
    wanted.insert(wanted.end(), options.guest_firmware.begin(), options.guest_firmware.end());
    const std::vector<PackageId> sources = firmware::tf_a_packages();
    const auto here = [&](const PackageId& id) { return store.has(id); };
    if (std::ranges::all_of(wanted, here) && std::ranges::any_of(sources, here)) {
        return {};
    }
    Progress::Step step(progress, "setup: packages");
    TRY(store.require(wanted, step));
    TRY(require_any(store, sources, progress, step));
    step.done();
    return {};
}

SetupStep kernel_step(const Paths& paths, const PackageStore& store, const PackageId& package) {
    const guest::KernelFiles files = guest::kernel_files(paths, package);
    return {.name = "kernel " + package.text(),
            .inputs = guest::kernel_inputs(store, package),
            .outputs = {files.image, files.modules},
            .work = [=, &paths, &store] { return guest::prepare_kernel(paths, store, package); }};
}

SetupStep libfdt_step(const Paths& paths, const PackageStore& store) {
    return {.name = "libfdt",
            .inputs = store.version(libfdt_package()),
            .outputs = {libfdt_folder(paths) / "lib" / "libfdt.a"},
            .work = [&paths, &store] { return prepare_libfdt(paths, store); }};
}

Result<SetupStep> rootfs_step(const Paths& paths, const PackageStore& store, guest::Width width) {
    return SetupStep{.name = width == guest::Width::Bits32 ? "root file system armhf" : "root file system",
                     .inputs = TRY(guest::rootfs_inputs(paths, store, width)),
                     .outputs = {guest::demo_rootfs(paths, width)},
                     .work = [&paths, &store, width] { return guest::build_rootfs(paths, store, width); }};
}

/// What 32-bit guests' programs are built from.
Result<void> fetch_32_bit_libraries(Context& context, PackageStore& store, const Stamps& stamps) {
    constexpr const char* name = "32-bit libraries";
    constexpr const char* inputs = "trixie";
    if (stamps.fresh(name, inputs, {guest::libraries_32_bit(context.paths)})) {
        return {};
    }
    Progress::Step step(context.progress, "setup: 32-bit libraries");
    TRY(guest::prepare_32_bit_libraries(context.paths, store, step));
    TRY(stamps.record(name, inputs));
    step.done();
    return {};
}

/// Trixie's QEMU, if the machine wants it.
Result<void> fetch_emulator(Context& context, PackageStore& store, const Stamps& stamps, platform::QemuChoice choice) {
    constexpr const char* name = "QEMU trixie";
    const std::string inputs = platform::fetched_qemu_inputs();
    if (choice == platform::QemuChoice::Installed ||
        stamps.fresh(name, inputs, platform::fetched_qemu_outputs(context.paths))) {
        return {};
    }
    Progress::Step step(context.progress, "setup: QEMU of trixie");
    TRY(platform::fetch_qemu(context.paths, store, step));
    TRY(stamps.record(name, inputs));
    step.done();
    return {};
}

Result<void> build_firmware(Context& context, const PackageStore& store, const Stamps& stamps,
                            const platform::Platform& platform, const firmware::Optee& optee) {
    if (const firmware::OpteeBuild* build = firmware::source_build(optee)) {
        const SetupStep step = TRY(optee_step(context.paths, store, *build));
        const std::string warning = firmware::untested_version(store);
        if (!warning.empty() && !stamps.fresh(step.name, step.inputs, step.outputs)) {
            context.progress.say("setup: " + warning);
        }
        TRY(run_step(stamps, context.progress, step));
        firmware::keep_recent_builds(context.paths, *build);
    }
    return run_step(stamps, context.progress, TRY(firmware_step(context.paths, store, platform, optee)));
}

} // namespace

std::vector<firmware::Optee> usual_optees(const platform::Platform& platform) {
    std::vector<firmware::Optee> all{machine::usual_optee(platform)};
    if (platform.firmware.has_debian_optee) {
        all.emplace_back(firmware::DebianOptee::Virtualized);
    }
    return all;
}

Result<void> run_setup(Context& context, const SetupOptions& options) {
    const SetupLock lock = TRY(SetupLock::take(context));
    const std::vector<PackageId> kernels = TRY(kernel_packages(options));
    PackageStore store(context.paths);
    TRY(fetch_packages(store, context.progress, options, kernels));

    const Stamps stamps(context.paths.stamps());
    TRY(fetch_emulator(context, store, stamps, options.qemu));
    for (const firmware::Optee& optee : options.optees) {
        TRY(build_firmware(context, store, stamps, *options.platform, optee));
    }
    TRY(run_step(stamps, context.progress, TRY(rootfs_step(context.paths, store, guest::Width::Bits64))));
    if (has_32_bit(options)) {
        TRY(fetch_32_bit_libraries(context, store, stamps));
        TRY(run_step(stamps, context.progress, TRY(rootfs_step(context.paths, store, guest::Width::Bits32))));
    }
    for (const PackageId& kernel : kernels) {
        TRY(run_step(stamps, context.progress, kernel_step(context.paths, store, kernel)));
    }
    TRY(run_step(stamps, context.progress, libfdt_step(context.paths, store)));
    return options.hypervisor ? build_hypervisor(context.paths, options.config) : Result<void>();
}

} // namespace trv::tool::setup
