// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "console/wire/channel.hpp"
#include "console/wire/serial_port.hpp"
#include "contract/frames.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace trv::console {

/// A UART whose other end is the test. `room` bytes are taken, then it is full until the test makes room.
class FakePort final : public SerialPort {
  public:
    [[nodiscard]] std::size_t send_room() override {
        ++asked;
        return std::min(room, known_room);
    }
    void send(u8 byte) override {
        --room;
        sent.push_back(static_cast<char>(byte));
    }
    [[nodiscard]] std::size_t receive(std::span<u8> into) override {
        const std::size_t count = std::min(into.size(), typed.size());
        typed.copy(reinterpret_cast<char*>(into.data()), count);
        typed.erase(0, count);
        return count;
    }
    void want_send_interrupt(bool wanted) override { interrupt_wanted = wanted; }

    /// What each channel carried, as the program at the other end sees it.
    [[nodiscard]] std::map<unsigned, std::string> channels() const {
        std::map<unsigned, std::string> found;
        contract::FrameDecoder decoder;
        for (const char c : sent) {
            if (const auto data = decoder.decode(static_cast<u8>(c))) {
                found[decoder.channel()].push_back(static_cast<char>(*data));
            }
        }
        return found;
    }

    std::size_t room = std::size_t{1} << 40;
    std::size_t known_room = 1; ///< the most that it promises to take; while it is 1, a test may take `room` away
    unsigned asked = 0;         ///< times that send_room() was called
    std::string sent;
    std::string typed;
    bool interrupt_wanted = false;
};

/// Remembers what it is given.
class FakePeer final : public ChannelPeer {
  public:
    void receive(std::span<const u8> bytes) override {
        received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        ++calls;
    }
    void resume_tx() override { ++resumed; }

    std::string received;
    unsigned calls = 0;
    unsigned resumed = 0;
};

/// @return how many bytes of `text` the channel took
inline std::size_t put_text(Channel& channel, std::string_view text) {
    std::size_t taken = 0;
    while (taken < text.size() && channel.put(static_cast<u8>(text[taken]))) {
        ++taken;
        channel.send();
    }
    return taken;
}

} // namespace trv::console
