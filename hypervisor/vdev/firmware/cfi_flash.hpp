// SPDX-License-Identifier: Apache-2.0
#pragma once
// Flash for the variables of a guest's firmware: two 16-bit NOR chips side by side, with the command set that CFI numbers
// 1, as QEMU's virt machine has them. While the chips are in their usual state, the guest reads the flash as memory, with
// any instruction and without exits; each write is a command, and comes here.
//
//     flash@4000000 {
//         compatible = "cfi-flash";
//         reg = <0 0x4000000 0 0x200000>;
//         bank-width = <4>;
//     };
//
// [JESD68.01 Common Flash Memory Interface], [Intel 290667 StrataFlash, commands and status register]

#include "sync/spinlock.hpp"
#include "vdev/device.hpp"
#include "vdev/firmware/flash_content.hpp"

namespace trv::vdev {

/// What the flash holds, and the guest's view of it.
class FlashMemory {
  public:
    /// Of CfiFlash::size bytes.
    [[nodiscard]] virtual FlashContent& content() = 0;
    /// The guest reads it as memory.
    virtual void show() = 0;
    /// Each of the guest's accesses comes to the device.
    virtual void hide() = 0;

  protected:
    ~FlashMemory() = default;
};

class CfiFlash final : public Device, public MmioDevice {
  public:
    static constexpr u64 size = 2 * MiB;
    static constexpr u64 block_size = 256 * KiB; ///< that is erased at once
    static constexpr unsigned buffer_words = 32; ///< of 4 bytes, that one command programs

    /// @param memory outlives it; it is shown
    explicit CfiFlash(FlashMemory& memory) : memory_(memory) {}

    [[nodiscard]] Result<void> attach(DeviceContext& context) override;
    /// The content stays: it is what flash is for.
    void reset() override EXCLUDES(lock_);
    void describe(TreeWriter& tree) const override;

    [[nodiscard]] MmioRead read(const MmioAccess& access) override EXCLUDES(lock_);
    MmioOutcome write(const MmioAccess& access, u64 value) override EXCLUDES(lock_);

  private:
    /// What a read returns.
    enum class View : u8 { Array, Status, Identification, Query };
    /// What the next write is.
    enum class Phase : u8 { Command, Word, EraseConfirmation, LockChange, WordCount, BufferWord, BufferConfirmation };

    void show(View view) REQUIRES(lock_);
    void begin(u8 command) REQUIRES(lock_);
    /// The second and all further writes of a command.
    void go_on(const MmioAccess& access, u64 value) REQUIRES(lock_);
    void fail_sequence() REQUIRES(lock_);
    void program(const MmioAccess& access, u64 value) REQUIRES(lock_);

    SpinLock lock_; ///< before Stage2's and FlashContent's
    FlashMemory& memory_;
    IpaRange window_;
    View view_ GUARDED_BY(lock_) = View::Array;
    Phase phase_ GUARDED_BY(lock_) = Phase::Command;
    u8 status_ GUARDED_BY(lock_) = 0; ///< errors; it is always ready
    u8 words_left_ GUARDED_BY(lock_) = 0;
};

} // namespace trv::vdev
