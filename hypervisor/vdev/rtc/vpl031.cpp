// SPDX-License-Identifier: Apache-2.0
#include "vdev/rtc/vpl031.hpp"

#include "arch/cpu/clock.hpp"
#include "vdev/bindings.hpp"

namespace trv::vdev {
namespace {

// Registers [PL031 TRM DDI0224, 3.2]
constexpr u64 rtcdr = 0x000;
constexpr u64 rtcmr = 0x004;
constexpr u64 rtclr = 0x008;
constexpr u64 rtccr = 0x00c;
constexpr u64 rtcimsc = 0x010;
constexpr u64 rtcperiphid0 = 0xfe0;
constexpr u64 last_register = 0xffc;

/// RTCPeriphID0-3 and RTCPCellID0-3, a byte each: part 0x031, designer 0x41, revision 0.
constexpr u8 identification[] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

constexpr u32 enabled = 1;        ///< RTCCR: it always runs
constexpr u32 interrupt_bits = 1; ///< RTCIMSC

constexpr bool is_word(const MmioAccess& access) {
    return access.size == 4 && access.offset % 4 == 0;
}

} // namespace

Result<void> VPl031::attach(DeviceContext& context) {
    window_ = TRY(context.map(window_size, *this));
    return {};
}

void VPl031::describe(TreeWriter& tree) const {
    tree.begin_at("rtc", window_.base.value);
    tree.texts("compatible", "arm,pl031\0arm,primecell");
    tree.numbers("reg", {window_.base.value, window_.size});
    tree.cells("clocks", {clock_phandle});
    tree.text("clock-names", "apb_pclk");
    tree.end();
}

u32 VPl031::now() const {
    return clock_.at(arch::ticks()) + offset_.load(std::memory_order_relaxed);
}

MmioRead VPl031::read(const MmioAccess& access) {
    // A byte each, which UEFI reads as bytes.
    if (access.offset >= rtcperiphid0 && access.offset <= last_register && access.offset % 4 == 0) {
        return identification[(access.offset - rtcperiphid0) / 4];
    }
    if (!is_word(access)) {
        return 0;
    }
    switch (access.offset) {
    case rtcdr:
        return now();
    case rtcmr:
        return match_.load(std::memory_order_relaxed);
    case rtclr:
        return load_.load(std::memory_order_relaxed);
    case rtccr:
        return enabled;
    case rtcimsc:
        return interrupt_mask_.load(std::memory_order_relaxed);
    default: // RTCRIS and RTCMIS among them
        return 0;
    }
}

MmioOutcome VPl031::write(const MmioAccess& access, u64 value) {
    if (!is_word(access)) {
        return MmioOutcome::Done;
    }
    const auto word = static_cast<u32>(value);
    if (access.offset == rtclr) {
        load_.store(word, std::memory_order_relaxed);
        offset_.store(word - clock_.at(arch::ticks()), std::memory_order_relaxed);
    } else if (access.offset == rtcmr) {
        match_.store(word, std::memory_order_relaxed);
    } else if (access.offset == rtcimsc) {
        interrupt_mask_.store(word & interrupt_bits, std::memory_order_relaxed);
    }
    return MmioOutcome::Done;
}

} // namespace trv::vdev
