// SPDX-License-Identifier: Apache-2.0
#include "machine/vm_config.hpp"

#include <algorithm>
#include <new>
#include <type_traits>

namespace trv::machine {
namespace {

/// Copies texts and lists into an array, one behind the other: those with the largest alignment first.
class Copier {
  public:
    explicit Copier(u8* at) : at_(at) {}

    template <typename T>
    [[nodiscard]] std::span<const T> copy(std::span<const T> list) {
        static_assert(std::is_trivially_copyable_v<T>);
        u8* const begin = at_;
        at_ = std::ranges::copy(as_bytes(list), at_).out;
        return {static_cast<const T*>(static_cast<const void*>(begin)), list.size()};
    }
    [[nodiscard]] std::string_view copy(std::string_view text) {
        const std::span<const char> copied = copy(std::span(text));
        return {copied.data(), copied.size()};
    }

  private:
    template <typename T>
    static std::span<const u8> as_bytes(std::span<const T> list) {
        return {static_cast<const u8*>(static_cast<const void*>(list.data())), list.size_bytes()};
    }

    u8* at_;
};

std::size_t bytes_of(const VmDescription& description) {
    const std::size_t rules = description.tee ? description.tee->allow.size() + description.tee->deny.size() : 0;
    return description.device_ranges.size_bytes() + description.device_interrupts.size_bytes() +
           description.label.size() + description.bootargs.size() + rules;
}

} // namespace

Result<Unique<VmConfig>> VmConfig::copy_of(const VmDescription& description) {
    HeapArray<u8> bytes = TRY(HeapArray<u8>::create(bytes_of(description)));
    auto* const config = new (std::nothrow) VmConfig(description, std::move(bytes));
    return config != nullptr ? Result<Unique<VmConfig>>(Unique(config)) : fail(Error::NoMemory);
}

VmConfig::VmConfig(const VmDescription& description, HeapArray<u8> bytes)
    : description_(description), bytes_(std::move(bytes)) {
    Copier copier(bytes_.begin());
    description_.device_ranges = copier.copy(description.device_ranges);
    description_.device_interrupts = copier.copy(description.device_interrupts);
    description_.label = copier.copy(description.label);
    description_.bootargs = copier.copy(description.bootargs);
    if (description.tee) {
        description_.tee->allow = copier.copy(description.tee->allow);
        description_.tee->deny = copier.copy(description.tee->deny);
    }
}

} // namespace trv::machine
