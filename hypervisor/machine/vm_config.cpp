// SPDX-License-Identifier: Apache-2.0
#include "machine/vm_config.hpp"

#include <algorithm>
#include <new>

namespace trv::machine {
namespace {

/// Copies texts and lists into an array, one behind the other.
class Copier {
  public:
    explicit Copier(u8* at) : at_(at) {}

    [[nodiscard]] std::span<const u8> copy(std::span<const u8> bytes) {
        u8* const begin = at_;
        at_ = std::ranges::copy(bytes, at_).out;
        return {begin, at_};
    }
    [[nodiscard]] std::string_view copy(std::string_view text) {
        u8* const begin = at_;
        at_ = std::ranges::copy(text, at_).out;
        return {reinterpret_cast<const char*>(begin), text.size()};
    }

  private:
    u8* at_;
};

std::size_t bytes_of(const VmDescription& description) {
    const std::size_t rules = description.tee ? description.tee->allow.size() + description.tee->deny.size() : 0;
    return description.label.size() + description.bootargs.size() + rules;
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
    description_.label = copier.copy(description.label);
    description_.bootargs = copier.copy(description.bootargs);
    if (description.tee) {
        description_.tee->allow = copier.copy(description.tee->allow);
        description_.tee->deny = copier.copy(description.tee->deny);
    }
}

} // namespace trv::machine
