// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/heap_array.hpp"
#include "lib/unique.hpp"
#include "machine/description.hpp"

namespace trv::machine {

/// A VM's description that owns all that it names, so that the tree it was read from may go.
class VmConfig {
  public:
    /// @return Error::NoMemory
    [[nodiscard]] static Result<Unique<VmConfig>> copy_of(const VmDescription& description);
    VmConfig(const VmConfig&) = delete;
    VmConfig& operator=(const VmConfig&) = delete;
    ~VmConfig() = default;

    [[nodiscard]] const VmDescription& description() const { return description_; }
    [[nodiscard]] std::string_view label() const { return description_.label; }
    void set_index(unsigned index) { description_.index = index; }

  private:
    VmConfig(const VmDescription& description, HeapArray<u8> bytes);

    VmDescription description_; ///< its strings and lists are in bytes_
    HeapArray<u8> bytes_;
};

} // namespace trv::machine
