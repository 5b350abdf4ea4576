#include "console/channel.hpp"

#include "arch/relax.hpp"
#include "console/multiplexer.hpp"

namespace trv::console {

bool Channel::put(u8 byte) {
    return multiplexer_.put(*this, byte);
}

void Channel::write(std::string_view text) {
    const Guard guard(writing_);
    // The multiplexer's lock is taken for one ring's worth at a time, so that guests' output goes on beside a long
    // text.
    unsigned idle = 0;
    while (!text.empty() && idle < Multiplexer::patience) {
        const std::size_t taken = multiplexer_.write_some(*this, text);
        text.remove_prefix(taken);
        if (taken == 0) {
            ++idle;
            arch::relax();
        } else {
            idle = 0;
        }
    }
}

} // namespace trv::console
