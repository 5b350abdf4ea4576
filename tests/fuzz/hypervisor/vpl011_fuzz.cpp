// SPDX-License-Identifier: Apache-2.0
// A guest that does anything to its PL011: the model stays inside its own memory, drives its line to what its registers
// say, and loses no byte of output while the guest heeds TXFF.

#include "vdev/uart/vpl011.hpp"

#include <cstdlib>
#include <string>

namespace {

using namespace trv;
using namespace trv::vdev;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

class Sink final : public console::ByteSink {
  public:
    [[nodiscard]] std::size_t space() const override { return capacity - used; }
    [[nodiscard]] bool put(u8) override {
        if (used == capacity) {
            return false;
        }
        ++used;
        return true;
    }
    void send() override {}
    static constexpr std::size_t capacity = 100;
    std::size_t used = 0;
};

class Line final : public InterruptLine {
  public:
    void set(bool asserted) override { level = asserted; }
    [[nodiscard]] IntId intid() const override { return IntId(33); }
    bool level = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    constexpr u64 flags = 0x18;
    constexpr u64 masked_interrupts = 0x40;
    Sink sink;
    Line line;
    VPl011 uart(sink, line);
    for (std::size_t i = 0; i + 4 <= size; i += 4) {
        const u8 width = static_cast<u8>(1U << (data[i] >> 3 & 3));
        const u64 offset = (static_cast<u64>(data[i + 1] << 8 | data[i + 2]) % VPl011::window_size) & ~u64{width - 1U};
        switch (data[i] & 7) {
        case 0:
        case 1:
            require(width == 8 || (uart.read({offset, width, 0}).value >> (8 * width)) == 0);
            break;
        case 2:
        case 3:
            uart.write({offset, width, 0}, data[i + 3] * u64{0x0101'0101'0101'0101});
            break;
        case 4: {
            const std::string text(data[i + 3], 'x');
            uart.receive({reinterpret_cast<const u8*>(text.data()), text.size()});
            break;
        }
        case 5:
            sink.used -= data[i + 3] % (sink.used + 1);
            uart.resume_tx();
            break;
        case 6: {
            const bool full = (uart.read({flags, 4, 0}).value & 1 << 5) != 0;
            const std::size_t before = sink.used;
            uart.write({0, 1, 0}, 'x');
            require(full || sink.used == before + 1);
            break;
        }
        default:
            uart.reset();
            break;
        }
        require(line.level == (uart.read({masked_interrupts, 4, 0}).value != 0));
    }
    return 0;
}
