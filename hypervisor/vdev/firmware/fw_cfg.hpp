// SPDX-License-Identifier: Apache-2.0
#pragma once
// The device by which QEMU's virt machine gives firmware a kernel, its RAM disk and its command line: UEFI and U-Boot look
// there before they look at disks. It has no files.
//
//     fw-cfg@9003000 {
//         compatible = "qemu,fw-cfg-mmio";
//         reg = <0 0x9003000 0 0x18>;
//         dma-coherent;
//     };
//
// [QEMU docs/specs/fw_cfg.rst], [Linux, Documentation/devicetree/bindings/firmware/qemu,fw-cfg-mmio.yaml]

#include "sync/spinlock.hpp"
#include "vdev/device.hpp"

#include <optional>
#include <span>

namespace trv::vdev {

/// What the firmware finds, and the memory that it wants it in.
class FirmwareData {
  public:
    enum class Part : u8 { Kernel, Ramdisk, CommandLine };

    /// 0: there is none.
    [[nodiscard]] virtual u64 size_of(Part part) const = 0;
    /// Copies some of it. Precondition: it has these bytes.
    virtual void copy(Part part, u64 offset, std::span<u8> to) const = 0;

    /// Copies from the guest's memory, at most a page. @return false where it has none
    [[nodiscard]] virtual bool load(Ipa from, std::span<u8> to) = 0;
    /// Calls fill(bytes, context) with the guest's memory from there on, at most `size` bytes that lie in one page.
    /// @return their number; 0 where the guest has no memory that it may write to
    [[nodiscard]] virtual u64 store(Ipa to, u64 size, void (*fill)(std::span<u8> bytes, void* context),
                                    void* context) = 0;

  protected:
    ~FirmwareData() = default;
};

class FwCfg final : public Device, public MmioDevice {
  public:
    static constexpr u64 window_size = 0x1000;

    /// @param data outlives it
    explicit FwCfg(FirmwareData& data) : data_(data) {}

    [[nodiscard]] Result<void> attach(DeviceContext& context) override;
    void reset() override EXCLUDES(lock_);
    void describe(TreeWriter& tree) const override;

    [[nodiscard]] MmioRead read(const MmioAccess& access) override EXCLUDES(lock_);
    [[nodiscard]] MmioOutcome write(const MmioAccess& access, u64 value) override EXCLUDES(lock_);

  private:
    /// What is selected, and how much of it was read. Behind its end there are zeros.
    struct Item {
        std::optional<FirmwareData::Part> part{}; ///< none: a number, or nothing
        u64 number = 0;                           ///< as the guest reads it
        u64 offset = 0;                           ///< of the next byte

        /// Fills in the next bytes.
        void take(const FirmwareData& data, std::span<u8> to);
    };
    /// A transfer that one vCPU makes, in steps: it repeats its write until all is there.
    struct Transfer {
        Ipa descriptor;
        unsigned vcpu = 0;
        Ipa to;
        u64 left = 0; ///< bytes; 0: none is under way
    };

    [[nodiscard]] Item find(u16 item) const;
    [[nodiscard]] MmioOutcome transfer(Ipa descriptor, unsigned vcpu) REQUIRES(lock_);
    /// Reads the descriptor. @return whether it is valid
    [[nodiscard]] bool begin(Ipa descriptor, unsigned vcpu) REQUIRES(lock_);
    [[nodiscard]] bool store_next() REQUIRES(lock_);
    void end(Ipa descriptor, bool good) REQUIRES(lock_);

    SpinLock lock_; ///< before Stage2's and Ram's
    FirmwareData& data_;
    IpaRange window_;
    Item item_ GUARDED_BY(lock_);
    u64 address_high_ GUARDED_BY(lock_) = 0;
    Transfer transfer_ GUARDED_BY(lock_);
};

} // namespace trv::vdev
