// SPDX-License-Identifier: Apache-2.0
// What a machine writes is foreign: the frames, the lines in them, events and agents' messages are all read here.

#include "tool/console/demultiplexer.hpp"
#include "tool/console/printable.hpp"
#include "tool/run/session/machine_session.hpp"

#include <cstddef>
#include <cstdint>

namespace {

class Reader final : public trv::tool::console::Listener {
  public:
    void on_bytes(trv::tool::console::Channel, std::string_view) override {}
    void on_line(trv::tool::console::Channel channel, const std::string& line) override {
        using namespace trv::tool;
        if (trv::contract::is_agent(channel)) {
            session_.on_agent_line(trv::contract::vm_of(channel), line, 1);
        } else if (channel == trv::contract::event_channel) {
            if (const auto event = run::parse_event(line)) {
                session_.on_event(*event);
            }
        }
        static_cast<void>(console::printable(line));
        static_cast<void>(session_.take_outgoing());
    }

  private:
    trv::tool::run::MachineSession session_{{{.name = "a", .commands = {"x", "y"}}, {.name = "b"}}};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader reader;
    trv::tool::console::Demultiplexer demultiplexer{reader};
    const std::string bytes(data, data + size);
    // The first byte says where the stream is cut.
    const std::size_t cut = bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0]) % bytes.size();
    demultiplexer.feed(std::string_view{bytes}.substr(0, cut));
    demultiplexer.feed(std::string_view{bytes}.substr(cut));
    demultiplexer.finish();
    return 0;
}
