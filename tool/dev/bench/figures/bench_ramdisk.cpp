// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/figures/bench_ramdisk.hpp"

#include "tool/dev/bench/peers/peer_setup.hpp"
#include "tool/guest/rootfs/initramfs.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"
#include "tool/ta/build/build_project.hpp"

namespace trv::tool::dev::bench {

namespace {

/// Copies into the overlay, and makes it executable there: the mode of a file in the initramfs is that of its original.
Result<void> add_program(const std::filesystem::path& overlay, const std::string& guest_path,
                         const std::filesystem::path& file) {
    const auto place = overlay / std::filesystem::path(guest_path).relative_path();
    TRY(write_file(place, TRY(read_file(file))));
    return set_mode(place, 0755);
}

/// Static: as a first process it cannot rely on anything.
Result<void> build_program(const Paths& paths, const std::string& name, const std::filesystem::path& out) {
    TRY(make_folder(out.parent_path()));
    return run_checked("bench: " + name,
                       {.arguments = {"aarch64-linux-gnu-gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o",
                                      out, paths.root() / "bench" / "guest" / (name + ".c")},
                        .log = paths.logs() / "bench-programs.log"});
}

} // namespace

Result<std::filesystem::path> make_ramdisk(Context& context, const Suite& suite, const Measurement& measurement) {
    const TemporaryFolder overlay = TRY(TemporaryFolder::create(context.paths.cache(), "bench"));
    TRY(add_program(overlay.path(), "/sbin/trivisor-agent", context.paths.root() / "bench" / "guest" / "agent.sh"));
    TRY(write_file(overlay.path() / "etc" / "measure", measurement.script + "\n"));
    for (const std::string& program : measurement.programs) {
        const auto built = overlay.path() / "usr" / "bin" / program;
        TRY(build_program(context.paths, program, built));
        if (program == measurement.first_process) {
            TRY(add_program(overlay.path(), "/init", built));
        }
    }
    if (!suite.project.empty()) {
        const auto built = TRY(ta::build_project(context, context.paths.root() / "bench" / suite.project));
        TRY(add_program(overlay.path(), built.project.guest_client(), built.client.program));
        TRY(add_program(overlay.path(), built.project.guest_ta(), built.ta.signed_file));
    }
    return guest::compose_initramfs(context.paths, guest_kernel, "demo", overlay.path(),
                                    context.paths.build() / "peers" / (measurement.name + ".cpio"));
}

} // namespace trv::tool::dev::bench
