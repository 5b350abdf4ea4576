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
constexpr std::size_t large_page = 2U << 20;
/// MADV_COLLAPSE [madvise(2), Linux 6.1], which Debian 12's headers lack.
constexpr int collapse = 25;

/// The file, at an address where it can have large pages.
void* map(int file, std::size_t size) {
    const std::size_t room_size = size + large_page;
    void* const room = ::mmap(nullptr, room_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) {
        return room;
    }
    char* const begin = static_cast<char*>(room);
    char* const aligned = begin + (-reinterpret_cast<std::uintptr_t>(begin) & (large_page - 1));
    if (::mmap(aligned, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) {
        ::munmap(room, room_size);
        return MAP_FAILED;
    }
    if (aligned != begin) {
        ::munmap(begin, static_cast<std::size_t>(aligned - begin));
    }
    ::munmap(aligned + size, static_cast<std::size_t>(begin + room_size - (aligned + size)));
    return aligned;
}

/// Has the kernel take large pages, as far as it has some: the VM's translations and the backends' are shorter then. It
/// takes none for a part of a file of which it has no page yet.
void prefer_large_pages(std::span<char> memory) {
    for (std::size_t at = 0; at < memory.size(); at += large_page) {
        (void)*static_cast<volatile char*>(&memory[at]);
    }
    (void)::madvise(memory.data(), memory.size(), collapse);
}

} // namespace

Result<Bank> Bank::create(std::uint64_t size, contract::Io io) {
    tool::FileDescriptor file{::memfd_create("trivisor-bank", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0 ||
        ::fcntl(file.get(), F_ADD_SEALS, seals) != 0) {
        return tool::system_failure(place, "cannot be allocated");
    }
    auto bank = TRY(adopt(std::move(file), io));
    if (io == contract::Io::Whole) {
        prefer_large_pages(bank.memory());
    }
    return bank;
}

Result<Bank> Bank::adopt(tool::FileDescriptor file, contract::Io io) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) {
        return tool::system_failure(place, "cannot be taken over");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* memory = map(file.get(), size);
    if (memory == MAP_FAILED) {
        return tool::system_failure(place, "cannot be mapped");
    }
    return Bank{std::move(file), std::span{static_cast<char*>(memory), size}, io};
}

Bank::Bank(Bank&& other) noexcept
    : file_{std::move(other.file_)}, memory_{std::exchange(other.memory_, {})}, io_{other.io_} {}

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
