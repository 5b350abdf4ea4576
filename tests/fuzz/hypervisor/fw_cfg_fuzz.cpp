// SPDX-License-Identifier: Apache-2.0
// A guest that does anything to the device that gives its firmware a kernel, with descriptors that are anything: the model
// reads and writes inside the guest's memory only, and ends each transfer.

#include "vdev/firmware/fw_cfg.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using namespace trv;
using namespace trv::vdev;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

class Data final : public FirmwareData {
  public:
    static constexpr u64 kernel_size = 100'000;

    [[nodiscard]] u64 size_of(Part part) const override { return part == Part::Kernel ? kernel_size : 5; }
    void copy(Part part, u64 offset, std::span<u8> to) const override {
        require(offset < size_of(part) && to.size() <= size_of(part) - offset);
        std::ranges::fill(to, u8{0x5a});
    }
    [[nodiscard]] bool load(Ipa from, std::span<u8> to) override {
        if (from < base || from - base >= memory.size()) {
            return false;
        }
        require(from - base + to.size() <= memory.size());
        std::memcpy(to.data(), &memory[from - base], to.size());
        return true;
    }
    [[nodiscard]] u64 store(Ipa to, u64 size, void (*fill)(std::span<u8>, void*), void* context) override {
        if (to < base || to - base >= memory.size()) {
            return 0;
        }
        const u64 bytes = std::min(size, page_size - to.offset_in(page_size));
        fill(std::span(memory).subspan(to - base, bytes), context);
        return bytes;
    }

    const Ipa base{0x4000'0000};
    std::vector<u8> memory = std::vector<u8>(128 * KiB);
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    static Data guest;
    FwCfg device(guest);
    for (std::size_t i = 0; i + 8 <= size; i += 8) {
        u64 value = 0;
        std::memcpy(&value, data + i, sizeof value);
        const u8 width = static_cast<u8>(1U << (value >> 3 & 3));
        const u64 offset = (value >> 5 & 31) & ~u64{width - 1U};
        const Ipa descriptor = guest.base + (value >> 16 & 0x1f) * 16;
        switch (value & 7) {
        case 0:
            require(width == 8 || (device.read({offset, width, 0}).value >> (8 * width)) == 0);
            break;
        case 1:
            (void)device.write({offset, width, 0}, value);
            break;
        case 2: { // a descriptor
            const u32 control = __builtin_bswap32(static_cast<u32>((value >> 24 & 0x1f) | value >> 32 << 16));
            const u32 length = __builtin_bswap32(static_cast<u32>(value >> 8 & 0x3ffff));
            const u64 address = __builtin_bswap64(guest.base.value + (value >> 40 & 0x3ffff));
            u8* const at = &guest.memory[descriptor - guest.base];
            std::memcpy(at, &control, 4);
            std::memcpy(at + 4, &length, 4);
            std::memcpy(at + 8, &address, 8);
            break;
        }
        case 3:
            device.reset();
            break;
        default: {
            unsigned steps = 0;
            const auto write = [&] { return device.write({16, 8, 0}, __builtin_bswap64(descriptor.value)); };
            while (write() == MmioOutcome::Again) {
                require(++steps < 8); // of 64 KiB, in 128 KiB of memory
            }
            break;
        }
        }
    }
    return 0;
}
