// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a VM has that starts from firmware: memory that is its flash, in which the firmware lies from address 0 on and
// keeps its variables, and what the firmware finds beside it. The beginning of the VM's kernel image is the firmware
// (contract/machine_tree.hpp, firmware-size).

#include "generated/option/firmware.hpp"
#include "lib/heap_array.hpp"
#include "lib/unique.hpp"
#include "memory/physical/frames.hpp"
#include "vdev/firmware/cfi_flash.hpp"
#include "vdev/firmware/fw_cfg.hpp"
#include "vm/host/variables.hpp"

#include <type_traits>

namespace trv::vm {

class Vm;

class Firmware final : public vdev::FlashMemory, public vdev::FirmwareData {
  public:
    /// Allocates the memory, and maps it: the firmware as memory of the guest, since U-Boot writes to its variables before
    /// it moves to RAM, and on flash only loses what it wrote; and the variables to be read: what the host has of them, or
    /// erased ones.
    /// @param vm outlives it, and has a description with firmware
    /// @return Error::NoMemory, Error::Invalid
    [[nodiscard]] static Result<Unique<Firmware>> create(Vm& vm);
    explicit Firmware(Vm& vm) : vm_(vm) {}

    /// Gives the next part of its memory back. @return whether all is given back. Precondition: no vCPU is on.
    [[nodiscard]] bool give_back_step();

    [[nodiscard]] vdev::FlashContent& content() override { return variables_->content(); }
    void show() override;
    void hide() override;

    [[nodiscard]] u64 size_of(Part part) const override;
    void copy(Part part, u64 offset, std::span<u8> to) const override;
    [[nodiscard]] bool load(Ipa from, std::span<u8> to) override;
    [[nodiscard]] u64 store(Ipa to, u64 size, void (*fill)(std::span<u8> bytes, void* context), void* context) override;

  private:
    [[nodiscard]] Result<void> map_code();
    [[nodiscard]] Result<void> map_variables();

    Vm& vm_;
    HeapArray<memory::Frames> code_;  ///< in the order of addresses
    Unique<Variables> own_variables_; ///< none if they are older than the VM
    Variables* variables_ = nullptr;  ///< set by create()
};

/// In images without the option no VM has any.
struct NoFirmware {
    [[nodiscard]] static constexpr Firmware* get() { return nullptr; }
};
using OwnedFirmware = std::conditional_t<option::firmware, Unique<Firmware>, NoFirmware>;

} // namespace trv::vm
