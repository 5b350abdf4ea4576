// SPDX-License-Identifier: Apache-2.0
// What a backend of vhost-user says, to a frontend that asks it all it ever asks. The backend has said everything before, and
// then ends the connection.
#include "host/vhost/frontend.hpp"

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace trv::host::vhost;
    std::array<int, 2> ends{};
    constexpr std::size_t longest = 64 * 1024; // fits into the socket
    if (size > longest || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return 0;
    }
    const trv::tool::FileDescriptor backend{ends[1]};
    Connection connection{trv::tool::FileDescriptor{ends[0]}, "fuzzed"};
    (void)!::send(backend.get(), data, size, MSG_DONTWAIT);
    ::shutdown(backend.get(), SHUT_WR);
    auto frontend = Frontend::greet(std::move(connection), {.keeps_in_flight = true});
    if (!frontend) {
        return 0;
    }
    const auto config = frontend->config(60);
    if (config && config->size() != 60 && !config->empty()) {
        __builtin_trap();
    }
    (void)frontend->set_config(32, "1");
    const std::array queues{
        Queue{.size = 64, .descriptors = 0, .available = 4096, .used = 8192, .next = 0, .kick = 0, .call = 0}};
    if (const auto in_flight = frontend->allocate_in_flight(queues)) {
        (void)frontend->start(~std::uint64_t{0}, {.file = 0, .guest_address = 0, .size = 1U << 20}, queues, *in_flight);
    }
    return 0;
}
