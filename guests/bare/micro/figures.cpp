// SPDX-License-Identifier: Apache-2.0
#include "guests/bare/micro/figures.hpp"

#include "guests/bare/lib/console.hpp"
#include "guests/bare/lib/hardware/timer.hpp"

namespace trv::bare::micro {

void print_figure(std::string_view name, u64 ticks, u64 count) {
    // Tenths: the counter is coarser than an instruction, but many of them make a fraction of it visible.
    const u64 tenths = ticks * 10'000 / count * 1'000'000 / frequency();
    std::array<char, 24> padding;
    padding.fill(' ');
    const std::size_t width = name.size() < padding.size() ? padding.size() - name.size() : 1;
    print("{}{}{}.{} ns\n", name, std::string_view(padding.data(), width), tenths / 10, tenths % 10);
    print("figure {\"name\":\"{}\",\"ns\":{}.{},\"count\":{}}\n", name, tenths / 10, tenths % 10, count);
}

} // namespace trv::bare::micro
