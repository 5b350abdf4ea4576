// SPDX-License-Identifier: Apache-2.0
#include "tool/devkit/kit.hpp"

namespace trv::tool::devkit {
namespace {

packages::PackageId trixie(const char* name) {
    return {.suite = "trixie", .name = name};
}

} // namespace

std::vector<packages::PackageId> kit_packages() {
    return {trixie("optee-os-dev"), trixie("optee-client-dev"), trixie("libteec2")};
}

Result<Kit> find_kit(const packages::PackageStore& store) {
    for (const packages::PackageId& id : kit_packages()) {
        if (!store.has(id)) {
            return failure("TA development kit", id.text() + " is missing",
                           "Run ./trivisor setup with network access.");
        }
    }
    return Kit{.folder = store.tree(trixie("optee-os-dev")) / "usr/lib/optee-os-dev/vexpress-qemu_armv8a-virtualized",
               .client_headers = store.tree(trixie("optee-client-dev")) / "usr/include",
               .client_library = store.tree(trixie("libteec2")) / "usr/lib/aarch64-linux-gnu/libteec.so.2"};
}

} // namespace trv::tool::devkit
