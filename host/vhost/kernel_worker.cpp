// SPDX-License-Identifier: Apache-2.0
// Source: [linux/vhost.h], [linux/if_tun.h].
#include "host/vhost/kernel_worker.hpp"

#include "host/vhost/socket_events.hpp"
#include "tool/support/file_descriptor.hpp"

// Of the ring's header, which is for C, only the layouts.
#define VIRTIO_RING_NO_LEGACY
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <sys/ioctl.h>

#include <vector>

namespace trv::host::vhost {

namespace {

constexpr std::uint64_t bit(unsigned number) {
    return std::uint64_t{1} << number;
}

// Features [virtio 1.3, 6 and 5.1.3]; Linux' own headers for them are for C alone.
constexpr std::uint64_t event_index = bit(29);
constexpr std::uint64_t version_1 = bit(32);
constexpr unsigned guest_checksum = 1;
constexpr unsigned guest_tso4 = 7;
constexpr unsigned guest_tso6 = 8;
constexpr std::uint64_t mergeable_buffers = bit(15);

/// A device file of the kernel's.
class KernelWorker : public QueueWorker {
  public:
    [[nodiscard]] Result<std::uint64_t> features() override {
        std::uint64_t features = 0;
        TRY(ask(VHOST_GET_FEATURES, &features, "has no features"));
        return (features & wanted_) | tap_features();
    }
    [[nodiscard]] unsigned queues() const override { return 2; } // receives, sends

    [[nodiscard]] Result<void> begin(std::uint64_t features, const WorkedMemory& memory) override {
        std::uint64_t accepted = features & wanted_;
        TRY(ask(VHOST_SET_OWNER, nullptr, "has another owner"));
        TRY(ask(VHOST_SET_FEATURES, &accepted, "refuses the driver's features"));
        std::vector<std::uint64_t> table(sizeof(vhost_memory) / sizeof(std::uint64_t) +
                                         sizeof(vhost_memory_region) / sizeof(std::uint64_t));
        auto* const header = reinterpret_cast<vhost_memory*>(table.data());
        header->nregions = 1;
        auto* const region = reinterpret_cast<vhost_memory_region*>(table.data() + 1);
        *region = {.guest_phys_addr = memory.guest_address,
                   .memory_size = memory.bytes.size(),
                   .userspace_addr = reinterpret_cast<std::uint64_t>(memory.bytes.data()),
                   .flags_padding = 0};
        TRY(ask(VHOST_SET_MEM_TABLE, header, "refuses the VM's memory for devices"));
        memory_ = memory;
        return prepare(features);
    }

    [[nodiscard]] Result<void> start_queue(unsigned index, const WorkedQueue& queue) override {
        vhost_vring_state size{.index = index, .num = queue.size};
        vhost_vring_state base{.index = index, .num = queue.next};
        vhost_vring_addr addresses{.index = index,
                                   .flags = 0,
                                   .desc_user_addr = reinterpret_cast<std::uint64_t>(queue.descriptors),
                                   .used_user_addr = reinterpret_cast<std::uint64_t>(queue.used),
                                   .avail_user_addr = reinterpret_cast<std::uint64_t>(queue.available),
                                   .log_guest_addr = 0};
        vhost_vring_file kick{.index = index, .fd = queue.kick};
        vhost_vring_file call{.index = index, .fd = queue.call};
        TRY(ask(VHOST_SET_VRING_NUM, &size, "refuses the size of a queue"));
        TRY(ask(VHOST_SET_VRING_BASE, &base, "refuses the state of a queue"));
        TRY(ask(VHOST_SET_VRING_ADDR, &addresses, "refuses the place of a queue"));
        TRY(ask(VHOST_SET_VRING_KICK, &kick, "refuses an eventfd"));
        TRY(ask(VHOST_SET_VRING_CALL, &call, "refuses an eventfd"));
        return attach(index);
    }

  protected:
    KernelWorker(const char* file, tool::FileDescriptor device, std::uint64_t wanted)
        : file_{file}, device_{std::move(device)}, wanted_{wanted} {}

    /// Features that the device has because of what is behind it.
    [[nodiscard]] virtual std::uint64_t tap_features() const { return 0; }
    [[nodiscard]] virtual Result<void> prepare(std::uint64_t) { return {}; }
    [[nodiscard]] virtual Result<void> attach(unsigned index) = 0;
    [[nodiscard]] const WorkedMemory& memory() const { return memory_; }

    template <typename Argument>
    [[nodiscard]] Result<void> ask(unsigned long request, Argument* argument, const char* problem,
                                   const char* hint = "") {
        return ::ioctl(device_.get(), request, argument) >= 0 ? Result<void>{}
                                                              : tool::system_failure(file_, problem, hint);
    }
    [[nodiscard]] Result<void> ask(unsigned long request, std::nullptr_t, const char* problem) {
        return ask(request, static_cast<void*>(nullptr), problem);
    }

  private:
    const char* file_;
    tool::FileDescriptor device_;
    std::uint64_t wanted_;
    WorkedMemory memory_{};
};

Result<tool::FileDescriptor> open_device(const char* file) {
    tool::FileDescriptor device{::open(file, O_RDWR | O_CLOEXEC)};
    return device ? Result<tool::FileDescriptor>{std::move(device)}
                  : tool::system_failure(file, "cannot be opened", "The host's kernel needs the module of this name.");
}

constexpr const char* net_file = "/dev/vhost-net";
constexpr std::uint64_t net_features = mergeable_buffers | event_index | version_1;
/// What the tap device does for the driver: checksums, and large packets, which it receives and, the others, sends.
constexpr std::uint64_t tap_offers =
    bit(guest_checksum) | bit(guest_tso4) | bit(guest_tso6) | bit(0) | bit(11) | bit(12);

class KernelNet final : public KernelWorker {
  public:
    KernelNet(tool::FileDescriptor device, int tap)
        : KernelWorker{net_file, std::move(device), net_features}, tap_{tap} {}

  private:
    [[nodiscard]] std::uint64_t tap_features() const override { return tap_offers; }
    /// The tap device passes on large packets, and ones without a checksum, only to a driver that takes them.
    [[nodiscard]] Result<void> prepare(std::uint64_t features) override {
        const auto has = [features](unsigned number) { return (features & bit(number)) != 0; };
        const bool checksum = has(guest_checksum);
        const unsigned long offload = (checksum ? TUN_F_CSUM : 0UL) | (checksum && has(guest_tso4) ? TUN_F_TSO4 : 0UL) |
                                      (checksum && has(guest_tso6) ? TUN_F_TSO6 : 0UL);
        return ::ioctl(tap_, TUNSETOFFLOAD, offload) == 0
                   ? Result<void>{}
                   : tool::system_failure("tap", "does not take the driver's features");
    }
    [[nodiscard]] Result<void> attach(unsigned index) override {
        vhost_vring_file backend{.index = index, .fd = tap_};
        return ask(VHOST_NET_SET_BACKEND, &backend, "does not take the tap device");
    }

    int tap_;
};

constexpr const char* vsock_file = "/dev/vhost-vsock";
constexpr std::uint64_t vsock_features = event_index | version_1;

class KernelVsock final : public KernelWorker {
  public:
    KernelVsock(tool::FileDescriptor device, std::uint64_t cid)
        : KernelWorker{vsock_file, std::move(device), vsock_features}, cid_{cid} {}

    [[nodiscard]] Result<void> claim_address() {
        return ask(VHOST_VSOCK_SET_GUEST_CID, &cid_, "does not take the VM's CID",
                   "Another VM may have it: give each VM a vsock number of its own.");
    }

    [[nodiscard]] unsigned queues() const override { return 3; }
    /// The last one is for events, of which the kernel has none. Connections end with this process, but the driver would
    /// wait for them for ever. So it gets the event that follows a migration, on which it ends them; at its first start it has none.
    [[nodiscard]] Result<void> start_queue(unsigned index, const WorkedQueue& queue) override {
        return index < event_queue ? KernelWorker::start_queue(index, queue) : report_lost_connections(memory(), queue);
    }

  private:
    static constexpr unsigned event_queue = 2;
    /// It works when both of its queues are there.
    [[nodiscard]] Result<void> attach(unsigned index) override {
        attached_ |= 1U << index;
        int runs = 1;
        return attached_ == 3 ? ask(VHOST_VSOCK_SET_RUNNING, &runs, "does not start") : Result<void>{};
    }

    std::uint64_t cid_;
    unsigned attached_ = 0;
};

} // namespace

Result<std::unique_ptr<QueueWorker>> make_kernel_net(int tap) {
    return std::make_unique<KernelNet>(TRY(open_device(net_file)), tap);
}

Result<std::unique_ptr<QueueWorker>> make_kernel_vsock(std::uint64_t cid) {
    auto worker = std::make_unique<KernelVsock>(TRY(open_device(vsock_file)), cid);
    TRY(worker->claim_address());
    return worker;
}

} // namespace trv::host::vhost
