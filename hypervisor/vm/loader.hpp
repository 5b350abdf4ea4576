// SPDX-License-Identifier: Apache-2.0
#pragma once
// Copies kernel, ram disk and device tree into a VM's memory, step by step, at its creation and at each reboot.

#include "contract/manager.hpp"
#include "guest/image.hpp"
#include "guest/tree.hpp"
#include "lib/result.hpp"
#include "sched/job.hpp"
#include "sched/timer_queue.hpp"

#include <string_view>

namespace trv::vm {

class Vm;

class Loader final : public sched::Job {
  public:
    explicit Loader(Vm& vm) : vm_(vm), beginning_(begin, this) {}

    /// Starts over. Then add the job to the boot vCPU's scheduler.
    /// @param not_before  counter value; until then it waits, without a step
    void restart(u64 not_before);

    bool step() override;
    [[nodiscard]] sched::Runnable* payer() override;

  private:
    enum class Phase : u8 { Clean, Plan, Tee, Kernel, Ramdisk, Tree };

    static void begin(void* loader);
    /// @return when to try again; 0: it may go on
    [[nodiscard]] u64 waits_until() const;
    [[nodiscard]] bool is_bank_free(u64 now) const;
    /// Whether what it writes to is there: memory that the host lends may be gone at any time.
    [[nodiscard]] bool has_memory() const;
    [[nodiscard]] bool is_whole() const;
    /// Cleans and invalidates the caches for the next part of what the host lends. @return whether there is more to do
    Result<bool> clean_lent();
    /// @return whether there is more to do
    Result<bool> advance();
    Result<void> plan();
    /// @param start the kernel's header
    std::expected<guest::KernelImage, guest::ImageError> parse_kernel(std::span<const u8> start);
    /// The same of one for 32-bit Arm. @param size of its file
    std::expected<guest::KernelImage, guest::ImageError> parse_zimage(u64 size);
    /// Firmware starts at address 0, and finds the tree at the start of RAM.
    void plan_firmware();
    /// What is copied of the kernel's image.
    [[nodiscard]] u64 kernel_size() const;
    Result<void> write_tree();
    /// @return its size
    Result<std::size_t> build_tree(std::span<u8> buffer, guest::TreeInput& input) const;
    [[nodiscard]] std::size_t tree_room() const;
    /// Copies the next part of an image. @return whether it is complete
    Result<bool> copy_part(contract::manager::Image image, u64 size, Ipa to);
    /// Writes the first of these bytes, as far as the guest's memory lies in one piece. @return how many
    Result<u64> write_part(Ipa to, std::span<const std::byte> from);

    Vm& vm_;
    sched::SoftTimer beginning_;
    u64 not_before_ = 0; ///< counter ticks
    Phase phase_ = Phase::Clean;
    guest::Placement placement_{};
    u64 cleaned_ = 0;          ///< bytes of the VM's memory
    u64 copied_ = 0;           ///< bytes of the module being copied
    std::string_view problem_; ///< why advance() failed, if more precise than its Error
};

} // namespace trv::vm
