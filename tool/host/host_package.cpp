// SPDX-License-Identifier: Apache-2.0
#include "tool/host/host_package.hpp"

#include "tool/guest/rootfs/rootfs.hpp"
#include "tool/host/example_vm.hpp"
#include "tool/host/host_programs.hpp"
#include "tool/packages/package_store.hpp"
#include "tool/setup/setup.hpp"
#include "tool/setup/setup_lock.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/process/process.hpp"
#include "tool/support/stamps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace trv::tool::host {
namespace {

constexpr const char* place = "setup: host package";
constexpr const char* name = "trivisor-host";
/// Of all files in it: a day of this version, so that equal content gives equal bytes.
constexpr const char* date = "1764288000";

/// What is in the package as it is in the checkout.
std::filesystem::path files_of(const Paths& paths) {
    return paths.root() / "host" / "package";
}

Result<std::string> inputs(const Paths& paths, const std::filesystem::path& program) {
    Sha256 hash;
    hash.add_field(TRIVISOR_VERSION);
    hash.add_field(TRY(guest::rootfs_inputs(paths, packages::PackageStore{paths})));
    TRY(hash.add_path(program));
    TRY(hash.add_path(files_of(paths)));
    TRY(hash.add_path(paths.root() / "host" / "boot")); // which comes to the disk with it
    TRY(hash.add_path(paths.root() / "examples" / "hello_world"));
    TRY(hash.add_path(paths.root() / "tool" / "host"));
    return hash.finish();
}

std::string control(const std::string& version) {
    return fmt::format("Package: {}\n"
                       "Version: {}\n"
                       "Architecture: arm64\n"
                       "Maintainer: Trivisor\n"
                       "Pre-Depends: systemd | systemd-standalone-sysusers\n"
                       "Depends: kmod, e2fsprogs\n"
                       "Recommends: qemu-utils, passt, virtiofsd, mmdebstrap\n"
                       "Section: admin\n"
                       "Priority: optional\n"
                       "Description: virtual machines of a Trivisor machine, from its host\n"
                       " trivisorctl creates and controls virtual machines with an OP-TEE each. It works in the\n"
                       " host VM of a machine that Trivisor runs.\n",
                       name, version);
}

/// Permissions do not depend on how the checkout came to be: what is run is in these folders.
void set_permissions(const std::filesystem::path& tree) {
    using std::filesystem::perms;
    constexpr auto folders =
        std::to_array<std::string_view>({"bin", "sbin", "postinst.d", "postrm.d", "post-update.d"});
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tree)) {
        const auto folder = entry.path().parent_path().filename().string();
        const bool script = folder == "DEBIAN" && entry.path().filename().string().ends_with("inst");
        const bool runs = entry.is_directory() || script || std::ranges::find(folders, folder) != folders.end();
        std::filesystem::permissions(entry.path(), perms{runs ? 0755U : 0644U});
    }
}

Result<void> build(Context& context, const std::filesystem::path& program, const std::string& version,
                   const std::filesystem::path& out) {
    const Paths& paths = context.paths;
    const auto scratch = TRY(TemporaryFolder::create(paths.cache(), "package"));
    const auto tree = scratch.path() / "tree";
    std::filesystem::copy(files_of(paths), tree, std::filesystem::copy_options::recursive);
    TRY(write_file(tree / "DEBIAN" / "control", control(version)));
    TRY(write_file(tree / "usr" / "bin" / "trivisorctl", TRY(read_file(program))));
    TRY(write_example(context, tree / "usr" / "share" / "trivisor" / "examples" / "tee.cpio"));
    TRY(make_folder(tree / "var" / "cache" / "trivisor"));
    for (const char* folder : {"disks", "variables"}) {
        TRY(make_folder(tree / "var" / "lib" / "trivisor" / folder));
    }
    TRY(make_folder(tree / "etc" / "trivisor"));
    set_permissions(tree);
    return make_whole(out, [&](const std::filesystem::path& beside) {
        return run_checked(place,
                           {.arguments = {"dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", tree, beside},
                            .environment = {{"SOURCE_DATE_EPOCH", date}},
                            .log = paths.logs() / "host-package.log"});
    });
}

} // namespace

Result<std::filesystem::path> require_host_package(Context& context) {
    TRY(setup::run_setup(context, {.kernels = std::vector<std::string>{}, .hypervisor = false}));
    const auto lock = TRY(setup::SetupLock::take(context));
    const auto program = TRY(build_host_programs(context)) / "trivisorctl";
    const std::string wanted = TRY(inputs(context.paths, program));
    const auto out = context.paths.build() / "packages" / fmt::format("{}.deb", name);
    const Stamps stamps(context.paths.stamps());
    if (!stamps.fresh(name, wanted, {out})) {
        Progress::Step step(context.progress, place);
        TRY(make_folder(out.parent_path()));
        TRY(build(context, program, fmt::format("{}+{}", TRIVISOR_VERSION, wanted.substr(0, 8)), out));
        TRY(stamps.record(name, wanted));
        step.done();
    }
    return out;
}

} // namespace trv::tool::host
