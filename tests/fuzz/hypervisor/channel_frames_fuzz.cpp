// SPDX-License-Identifier: Apache-2.0
// Console frames: whatever channels write in whatever order arrives unchanged at the other end, and arbitrary input
// bytes are delivered as the reference decoder reads them.

#include "../../unit/hypervisor/console/fake_port.hpp"
#include "console/wire/multiplexer.hpp"

#include <cstdlib>
#include <string>

namespace {

using namespace trv;
using namespace trv::console;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// Each byte of input is data for a channel, a pump, or a change of the UART's room.
void check_output(std::span<const u8> input) {
    FakePort port;
    Multiplexer mux;
    mux.start(port, Mode::Framed);
    GuestChannel channels[] = {{mux, 2, "a"}, {mux, 3, "b"}, {mux, 4, "c"}};
    std::string expected[3];
    for (GuestChannel& channel : channels) {
        require(mux.attach(channel, nullptr).has_value());
    }
    for (std::size_t i = 0; i + 1 < input.size(); i += 2) {
        const unsigned what = input[i] % 5;
        if (what < 3) {
            for (unsigned repeat = 0; repeat <= input[i] / 5U; ++repeat) {
                if (channels[what].put(input[i + 1])) {
                    expected[what].push_back(static_cast<char>(input[i + 1]));
                }
                channels[what].send();
            }
        } else if (what == 3) {
            mux.pump(input[i + 1]);
        } else {
            port.room = input[i + 1];
        }
    }
    port.room = std::size_t{1} << 40;
    mux.flush();
    auto seen = port.channels();
    require(seen[2] == expected[0] && seen[3] == expected[1] && seen[4] == expected[2]);
    mux.pump(); // tells writers whose ring was full that it has room again
    require(!mux.output_pending());
}

void check_input(std::span<const u8> input) {
    FakePort port;
    Multiplexer mux;
    mux.start(port, Mode::Framed);
    FakePeer peer;
    GuestChannel channel(mux, 2, "a");
    require(mux.attach(channel, &peer).has_value());
    contract::FrameDecoder reference;
    std::string expected;
    for (const u8 byte : input) {
        const auto data = reference.decode(byte);
        if (data && reference.channel() == 2) {
            expected.push_back(static_cast<char>(*data));
        }
    }
    port.typed.assign(reinterpret_cast<const char*>(input.data()), input.size());
    while (!port.typed.empty()) {
        mux.poll_input();
    }
    require(peer.received == expected);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    check_output({data, size});
    check_input({data, size});
    return 0;
}
