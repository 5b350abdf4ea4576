// SPDX-License-Identifier: Apache-2.0
#include "tool/host/example_vm.hpp"

#include "tool/guest/cpio_writer.hpp"
#include "tool/guest/rootfs/rootfs.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/build/build_project.hpp"

namespace trv::tool::host {
namespace {

constexpr const char* optee_client = "usr/bin/optee_example_hello_world";
constexpr std::string_view optee_client_script =
    "#!/bin/sh\n"
    "# What OP-TEE's example of this name says, by this project's example.\n"
    "value=$(hello_world \"$@\") && echo \"TA incremented value to ${value##* }\"\n";

/// The same path as in the VM, without the slash before it.
std::string inside(const std::string& path) {
    return std::filesystem::path{path}.relative_path().string();
}

} // namespace

Result<void> write_example(Context& context, const std::filesystem::path& out) {
    const auto built = TRY(ta::build_project(context, context.paths.root() / "examples" / "hello_world"));
    std::string initramfs = TRY(read_file(guest::demo_rootfs(context.paths)));
    const auto scratch = TRY(TemporaryFolder::create(context.paths.cache(), "example"));
    const auto archive = scratch.path() / "example.cpio";
    guest::CpioWriter writer = TRY(guest::CpioWriter::create(archive));
    TRY(writer.add_file(inside(built.project.guest_ta()), TRY(read_file(built.ta.signed_file))));
    TRY(writer.add_file(inside(built.project.guest_client()), TRY(read_file(built.client.program)), 0755));
    TRY(writer.add_file(optee_client, optee_client_script, 0755));
    TRY(writer.finish());
    guest::append_aligned(initramfs, TRY(read_file(archive)));
    return write_file(out, initramfs);
}

} // namespace trv::tool::host
