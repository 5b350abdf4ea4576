// SPDX-License-Identifier: Apache-2.0
#include "tool/guest/rootfs/rootfs_files.hpp"

#include <algorithm>
#include <array>

namespace trv::tool::guest {
namespace {

// Folders that Debian merges into /usr are real ones here: an overlay with a folder /lib would replace a link of that
// name, and take the C library away. The loader looks into /lib/aarch64-linux-gnu and /usr/lib/aarch64-linux-gnu alike.
constexpr std::array files = {
    RootfsFile{"busybox-static", "usr/bin/busybox", "bin/busybox", 0755},
    RootfsFile{"libc6", "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1", "lib/ld-linux-aarch64.so.1", 0755},
    RootfsFile{"libc6", "usr/lib/aarch64-linux-gnu/libc.so.6", "lib/aarch64-linux-gnu/libc.so.6", 0755},
    RootfsFile{"libc6", "usr/lib/aarch64-linux-gnu/libm.so.6", "lib/aarch64-linux-gnu/libm.so.6"},
    RootfsFile{"libgcc-s1", "usr/lib/aarch64-linux-gnu/libgcc_s.so.1", "lib/aarch64-linux-gnu/libgcc_s.so.1"},
    RootfsFile{"zlib1g", "usr/lib/aarch64-linux-gnu/libz.so.1", "lib/aarch64-linux-gnu/libz.so.1"},
    RootfsFile{"libzstd1", "usr/lib/aarch64-linux-gnu/libzstd.so.1", "lib/aarch64-linux-gnu/libzstd.so.1"},
    RootfsFile{"libssl3t64", "usr/lib/aarch64-linux-gnu/libcrypto.so.3", "lib/aarch64-linux-gnu/libcrypto.so.3"},
    RootfsFile{"libteec2", "usr/lib/aarch64-linux-gnu/libteec.so.2", "lib/aarch64-linux-gnu/libteec.so.2"},
    RootfsFile{"libckteec0t64", "usr/lib/aarch64-linux-gnu/libckteec.so.0", "lib/aarch64-linux-gnu/libckteec.so.0"},
    RootfsFile{"libseteec0t64", "usr/lib/aarch64-linux-gnu/libseteec.so.0", "lib/aarch64-linux-gnu/libseteec.so.0"},
    RootfsFile{"tee-supplicant", "usr/sbin/tee-supplicant", "usr/sbin/tee-supplicant", 0755},
    RootfsFile{"optee-test-qemu", "usr/bin/xtest", "usr/bin/xtest", 0755},
    RootfsFile{"optee-test-qemu", "usr/lib/optee_armtz/", "lib/optee_armtz/"},
    RootfsFile{"optee-test-qemu", "usr/lib/tee-supplicant/plugins/", "usr/lib/tee-supplicant/plugins/"},
    // The PKCS#11 TA, which xtest's pkcs11 suite and libckteec use.
    RootfsFile{"optee-os-dev",
               "usr/lib/optee-os-dev/vexpress-qemu_armv8a-virtualized/ta/fd02c9da-306c-48c7-a49c-bbd827ae86ee.ta",
               "lib/optee_armtz/fd02c9da-306c-48c7-a49c-bbd827ae86ee.ta"},
};

/// Debian's 32-bit kernels have no driver for a TEE.
constexpr std::array files_32_bit = {
    RootfsFile{"busybox-static:armhf", "usr/bin/busybox", "bin/busybox", 0755},
    RootfsFile{"libc6:armhf", "usr/lib/arm-linux-gnueabihf/ld-linux-armhf.so.3", "lib/ld-linux-armhf.so.3", 0755},
    RootfsFile{"libc6:armhf", "usr/lib/arm-linux-gnueabihf/libc.so.6", "lib/arm-linux-gnueabihf/libc.so.6", 0755},
    RootfsFile{"libc6:armhf", "usr/lib/arm-linux-gnueabihf/libm.so.6", "lib/arm-linux-gnueabihf/libm.so.6"},
    RootfsFile{"libgcc-s1:armhf", "usr/lib/arm-linux-gnueabihf/libgcc_s.so.1", "lib/arm-linux-gnueabihf/libgcc_s.so.1"},
};

} // namespace

std::span<const RootfsFile> rootfs_files(Width width) {
    return width == Width::Bits32 ? std::span<const RootfsFile>{files_32_bit} : std::span<const RootfsFile>{files};
}

std::vector<packages::PackageId> rootfs_packages(Width width) {
    std::vector<packages::PackageId> ids;
    for (const RootfsFile& file : rootfs_files(width)) {
        if (std::ranges::find(ids, file.package, &packages::PackageId::name) == ids.end()) {
            ids.push_back({.suite = "trixie", .name = std::string(file.package)});
        }
    }
    return ids;
}

} // namespace trv::tool::guest
