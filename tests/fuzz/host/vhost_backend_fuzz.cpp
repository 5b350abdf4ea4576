// SPDX-License-Identifier: Apache-2.0
// What a frontend of vhost-user says to the backend of a device that the host's kernel works on. Each part of the input has a
// byte that says which descriptor comes with it, one with its length, and the bytes. The oracle is the worker: no queue that it
// gets reaches beyond the memory.
#include "host/vhost/backend_server.hpp"
#include "host/vhost/passed_descriptors.hpp"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <vector>

namespace {

using namespace trv::host::vhost;

constexpr std::size_t memory_size = 64 * 1024;

class Oracle final : public QueueWorker {
  public:
    Result<std::uint64_t> features() override { return 0x1'2000'8000U; }
    unsigned queues() const override { return 2; }
    Result<void> begin(std::uint64_t, const WorkedMemory& memory) override {
        memory_ = memory.bytes;
        return {};
    }
    Result<void> start_queue(unsigned index, const WorkedQueue& queue) override {
        if (index >= queues() || queue.kick < 0 || queue.call < 0) {
            __builtin_trap();
        }
        expect_inside(queue.descriptors, 16UL * queue.size);
        expect_inside(queue.available, 6 + 2UL * queue.size);
        expect_inside(queue.used, 6 + 8UL * queue.size);
        return {};
    }

  private:
    void expect_inside(const char* part, std::size_t size) const {
        if (part < memory_.data() || part + size > memory_.data() + memory_.size()) {
            __builtin_trap();
        }
    }

    std::span<char> memory_{};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t longest = 16 * 1024; // fits into the socket
    std::array<int, 2> ends{};
    if (size > longest || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return 0;
    }
    const trv::tool::FileDescriptor frontend{ends[1]};
    const trv::tool::FileDescriptor memory{::memfd_create("memory", MFD_CLOEXEC)};
    const trv::tool::FileDescriptor event{::eventfd(0, EFD_CLOEXEC)};
    (void)!::ftruncate(memory.get(), memory_size);
    BackendSession session{trv::tool::FileDescriptor{ends[0]}, std::make_unique<Oracle>()};
    const std::array<std::vector<int>, 4> descriptors{{{}, {}, {memory.get()}, {event.get()}}};
    while (size >= 2) {
        const std::size_t part = std::min<std::size_t>(data[1], size - 2);
        if (part > 0) {
            (void)!send_part(frontend.get(), {reinterpret_cast<const char*>(data + 2), part}, MSG_DONTWAIT,
                             descriptors[data[0] % descriptors.size()]);
        }
        data += 2 + part;
        size -= 2 + part;
    }
    ::shutdown(frontend.get(), SHUT_WR);
    while (session.answer().value_or(false)) {
    }
    return 0;
}
