// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/machine_tree.hpp"
#include "contract/virtio.hpp"
#include "host/vhost/frontend.hpp"
#include "tool/support/error.hpp"

#include <cstdint>
#include <span>

namespace trv::host::devices {

using tool::Result;

/// The memory that a VM's devices use: a file in memory of this program, which it lends to the VM and gives to backends. It
/// is all that this program and the backends see of the VM; with Io::Whole it is all the memory that the VM has.
class Bank {
  public:
    [[nodiscard]] static Result<Bank> create(std::uint64_t size, contract::Io io);
    /// The bank of the program that served the VM before this one.
    [[nodiscard]] static Result<Bank> adopt(tool::FileDescriptor file, contract::Io io);
    Bank(Bank&& other) noexcept;
    Bank& operator=(Bank&&) = delete;
    ~Bank();

    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] std::span<char> memory() const { return memory_; }
    [[nodiscard]] contract::Io io() const { return io_; }
    [[nodiscard]] std::uint64_t guest_address() const {
        return io_ == contract::Io::Whole ? contract::vm_ram_base : contract::virtio::bank_base(memory_.size());
    }
    [[nodiscard]] vhost::SharedMemory shared() const {
        return {.file = file_.get(), .guest_address = guest_address(), .size = memory_.size()};
    }

    /// How many buffers a device has used so far, as its used ring says [virtio 1.3, 2.7.8]. The VM can write there, too.
    /// @param ring  its address in the VM; 0 is returned for one that is not in the bank
    [[nodiscard]] std::uint16_t used_index(std::uint64_t ring) const;

  private:
    Bank(tool::FileDescriptor file, std::span<char> memory, contract::Io io)
        : file_{std::move(file)}, memory_{memory}, io_{io} {}

    tool::FileDescriptor file_;
    std::span<char> memory_;
    contract::Io io_;
};

} // namespace trv::host::devices
