// SPDX-License-Identifier: Apache-2.0
// A guest that does anything to the flash of its firmware: the model stays inside the flash, the guest sees it as memory
// exactly when it says so, and what is not erased only loses bits.

#include "vdev/firmware/cfi_flash.hpp"

#include <cstdlib>
#include <vector>

namespace {

using namespace trv;
using namespace trv::vdev;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

class Memory final : public FlashMemory {
  public:
    [[nodiscard]] FlashContent& content() override { return content_; }
    void show() override {
        require(!shown);
        shown = true;
    }
    void hide() override {
        require(shown);
        shown = false;
    }

    std::vector<u8> bytes = std::vector<u8>(CfiFlash::size, FlashContent::erased);
    bool shown = true;

  private:
    FlashContent content_{bytes};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    static Memory memory; // filling 2 MiB anew for each input would take all the time
    CfiFlash flash(memory);
    for (std::size_t i = 0; i + 4 <= size; i += 4) {
        const u8 width = static_cast<u8>(1U << (data[i] >> 3 & 3));
        // Mostly the beginnings of blocks: commands go there, and what is programmed must meet what is erased.
        const u64 block = (data[i + 1] >> 5) * CfiFlash::block_size;
        const u64 offset =
            ((data[i + 1] & 0x10) != 0 ? CfiFlash::size - 8 : block + (data[i + 1] & 15U) * 4) & ~u64{width - 1U};
        switch (data[i] & 7) {
        case 0:
        case 1: {
            const u64 value = flash.read({offset, width, 0}).value;
            require(width == 8 || (value >> (8 * width)) == 0);
            for (unsigned byte = 0; memory.shown && byte < width; ++byte) {
                require(static_cast<u8>(value >> byte * 8) == memory.bytes[offset + byte]);
            }
            break;
        }
        case 7:
            flash.reset();
            require(memory.shown);
            break;
        default: {
            const u8 before = memory.bytes[offset];
            flash.write({offset, width, 0}, data[i + 2] * u64{0x0001'0001'0001'0001} ^ u64{data[i + 3]} << 8);
            const u8 after = memory.bytes[offset];
            require(after == FlashContent::erased || (after & ~before) == 0);
            break;
        }
        }
    }
    flash.reset();
    return 0;
}
