// SPDX-License-Identifier: Apache-2.0
#include "host/devices/bank.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <utility>

namespace trv::host::devices {

namespace {

constexpr const char* place = "devices' memory";
/// Backends may rely on its size: access beyond the end of a file is a signal.
constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

} // namespace

Result<Bank> Bank::create(std::uint64_t size) {
    tool::FileDescriptor file{::memfd_create("trivisor-bank", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
        ::fcntl(file.get(), F_ADD_SEALS, seals) != 0) {
        return tool::system_failure(place, "cannot be allocated");
    }
    return adopt(std::move(file));
}

Result<Bank> Bank::adopt(tool::FileDescriptor file) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return tool::system_failure(place, "cannot be taken over");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) {
        return tool::system_failure(place, "cannot be mapped");
    }
    return Bank{std::move(file), std::span{static_cast<char*>(memory), size}};
}

Bank::Bank(Bank&& other) noexcept : file_{std::move(other.file_)}, memory_{std::exchange(other.memory_, {})} {}

Bank::~Bank() {
    if (!memory_.empty()) {
        ::munmap(memory_.data(), memory_.size());
    }
}

std::uint16_t Bank::used_index(std::uint64_t ring) const {
    constexpr std::uint64_t index_at = 2; // behind the flags
    const std::uint64_t offset = ring - guest_address() + index_at;
    if (ring < guest_address() || offset + sizeof(std::uint16_t) > memory_.size() || offset % 2 != 0) {
        return 0;
    }
    return *reinterpret_cast<const volatile std::uint16_t*>(memory_.data() + offset);
}

} // namespace trv::host::devices
