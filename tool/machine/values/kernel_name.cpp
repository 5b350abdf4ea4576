// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/values/kernel_name.hpp"

#include "contract/zimage.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>

namespace trv::tool::machine {
namespace {

struct KnownKernel {
    std::string_view name;
    std::string_view suite;
    std::string_view package;
};

constexpr std::array kernels = {
    KnownKernel{"debian:trixie/cloud", "trixie", "linux-image-cloud-arm64"},
    KnownKernel{"debian:trixie", "trixie", "linux-image-arm64"},
    KnownKernel{"debian:trixie/rt", "trixie", "linux-image-rt-arm64"},
    KnownKernel{"debian:trixie/16k", "trixie", "linux-image-arm64-16k"},
    KnownKernel{"debian:trixie/armhf", "trixie", "linux-image-armmp:armhf"},
    KnownKernel{"debian:trixie/armhf-lpae", "trixie", "linux-image-armmp-lpae:armhf"},
    KnownKernel{"debian:sid/cloud", "sid", "linux-image-cloud-arm64"},
    KnownKernel{"debian:bookworm/cloud", "bookworm", "linux-image-cloud-arm64"},
    KnownKernel{"debian:bookworm", "bookworm", "linux-image-arm64"},
};

} // namespace

std::vector<std::string> known_kernels() {
    std::vector<std::string> names;
    for (const KnownKernel& kernel : kernels) {
        names.emplace_back(kernel.name);
    }
    return names;
}

std::optional<packages::PackageId> kernel_package(std::string_view kernel) {
    const auto* found = std::ranges::find(kernels, kernel, &KnownKernel::name);
    if (found == kernels.end()) {
        return std::nullopt;
    }
    return packages::PackageId{
        .suite = std::string(found->suite), .name = std::string(found->package), .kind = packages::PackageKind::Kernel};
}

bool is_32_bit(const std::string& kernel) {
    if (const auto package = kernel_package(kernel)) {
        return package->is_armhf();
    }
    std::ifstream file{kernel, std::ios::binary};
    std::array<char, contract::zimage::magic_at + sizeof(std::uint32_t)> header{};
    if (!file.read(header.data(), header.size())) {
        return false;
    }
    std::uint32_t word = 0;
    for (unsigned i = 0; i < sizeof(word); ++i) {
        word |= std::uint32_t{static_cast<unsigned char>(header[contract::zimage::magic_at + i])} << 8 * i;
    }
    return word == contract::zimage::magic;
}

Result<void> check_kernel_name(const std::string& kernel) {
    if (!kernel.starts_with("debian:") || kernel_package(kernel)) {
        return {};
    }
    return usage_error(kernel, {}, "no such Debian kernel",
                       fmt::format("Known kernels: {}.", fmt::join(known_kernels(), ", ")));
}

} // namespace trv::tool::machine
