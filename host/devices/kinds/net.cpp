// SPDX-License-Identifier: Apache-2.0
#include "host/devices/kinds/net.hpp"

#include "tool/support/files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

namespace trv::host::devices {

namespace {

using tool::machine::MacAddress;

/// [virtio 1.3, 5.1]
constexpr std::uint32_t network_device = 1;
constexpr std::uint64_t bit(unsigned number) {
    return std::uint64_t{1} << number;
}
constexpr std::uint64_t mergeable_buffers = bit(15);
constexpr std::uint64_t mac_feature = bit(5);
constexpr std::uint64_t status_feature = bit(16);
constexpr std::uint64_t config_features = bit(3) | mac_feature | status_feature; // the first: mtu
constexpr std::size_t config_size = 12;
constexpr std::size_t status_at = 6;
constexpr std::size_t pairs_at = 8;
/// Checksums and large packets, in both directions, and kicks and calls only when they are waited for.
constexpr std::uint64_t offloads = bit(0) | bit(1) | bit(7) | bit(8) | bit(11) | bit(12) | bit(29);
constexpr std::size_t mtu_at = 10;
constexpr std::uint16_t link_up = 1;

/// passt ends the VM's connections and has its own, whose packets have nothing to do with the VM's: large ones cost less.
constexpr std::uint16_t mtu = 16 * 1024;
constexpr std::uint16_t queue_size = 128;
/// What a full queue of packets takes of the pool for bounce buffers, which gives room in steps of 2 KiB; Linux fills the other
/// queue with pages.
constexpr std::uint64_t packet_memory = mtu + 4096;
constexpr std::uint64_t receive_memory = std::uint64_t{512} * 1024;
/// On a bridge a packet may have 64 KiB, and takes two entries of a queue at least.
constexpr std::uint64_t large_packet_memory = 68 * 1024;

constexpr const char* machine_id = "/etc/machine-id"; // [machine-id(5)]
/// Where AppArmor's rules for passt, of its package, let it have sockets.
constexpr const char* folder_inside = "/tmp/trivisor";

void put(std::string& config, std::size_t at, std::uint16_t value) {
    std::memcpy(config.data() + at, &value, sizeof value);
}

std::string text_of(const MacAddress& mac) {
    return fmt::format("{:02x}", fmt::join(mac, ":"));
}

std::string ports_of(const tool::machine::PortForward& forward) {
    return fmt::format("{}/{}:{}", forward.address, forward.host_port, forward.vm_port);
}

/// What a driver finds, with which a backend without a configuration has nothing to do.
void describe_card(std::string& config, const MacAddress& mac, std::uint16_t packets) {
    std::ranges::copy(mac, config.begin());
    put(config, status_at, link_up);
    put(config, pairs_at, 1);
    put(config, mtu_at, packets);
}

/// The host's kernel serves it: this program gives it the queues, and a tap device that is a port of the bridge.
BackendPlan plan_bridged(const tool::machine::VmNet& net, const std::string& name, const MacAddress& mac,
                         std::size_t devices, const Household& household) {
    const std::uint16_t entries = devices <= devices_with_long_queues ? queue_size : queue_size / 2;
    const auto socket = household.folder / (name + ".sock");
    return {
        .name = name,
        .serves = fmt::format("bridge {} {}", net.bridge, text_of(mac)),
        .plugged = net.plugged,
        .program = this_program(),
        .arguments = always({"backend", "net", net.bridge, socket}),
        .socket = socket,
        // It makes the tap device, which takes a capability among the host's users. Afterwards it has none, and closes itself.
        .in_own_users = false,
        .rights = {"PrivateNetwork=no", "AmbientCapabilities=CAP_NET_ADMIN", "CapabilityBoundingSet=CAP_NET_ADMIN",
                   "DeviceAllow=/dev/net/tun rw", "DeviceAllow=/dev/vhost-net rw", "SupplementaryGroups=kvm",
                   "ProcSubset=pid", "RestrictAddressFamilies=AF_UNIX", "RestrictNamespaces=yes",
                   "SystemCallFilter=@system-service capset"},
        .device = network_device,
        .features = mergeable_buffers | offloads,
        .own_features = mac_feature | status_feature,
        .queues = 2,
        .queue_size = entries,
        .config_size = config_size,
        .memory = entries / 2 * large_packet_memory + receive_memory,
        .adapt = [mac](std::string& config) { describe_card(config, mac, 0); },
    };
}

} // namespace

MacAddress mac_of(std::string_view vm, unsigned index, std::string_view host) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325; // FNV-1a
    for (const char letter : fmt::format("{}\n{}\n{}", host, vm, index)) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100'0000'01b3;
    }
    MacAddress mac{};
    for (auto& byte : mac) {
        byte = static_cast<std::uint8_t>(hash >> 56);
        hash <<= 8;
    }
    mac[0] = static_cast<std::uint8_t>((mac[0] & 0xfc) | 2); // of one card, and not of a manufacturer's [IEEE 802c]
    return mac;
}

BackendPlan plan_net(const tool::machine::VmNet& net, unsigned index, std::size_t devices, const Household& household) {
    const std::string name = fmt::format("net{}", index);
    const MacAddress mac = net.mac.value_or(mac_of(household.vm, index, tool::read_file(machine_id).value_or("")));
    if (!net.bridge.empty()) {
        return plan_bridged(net, name, mac, devices, household);
    }
    const auto socket = household.folder / (name + ".sock");
    const auto inside = household.sandboxed ? std::filesystem::path{folder_inside} / socket.filename() : socket;
    // Of the host, the VM reaches what listens at its addresses in the network, and nothing that listens for its own programs
    // alone. These link-local addresses are those of Podman's containers: the host, and its resolver.
    std::vector<std::string> arguments{
        "--foreground",     "--quiet",     "--vhost-user",  "--socket",          inside.string(),
        "--repair-path",    "none",        "--mtu",         std::to_string(mtu), "--no-map-gw",
        "--map-guest-addr", "169.254.1.2", "--dns-forward", "169.254.1.1"};
    std::string serves = "user " + text_of(mac);
    for (const auto& forward : net.tcp) {
        arguments.insert(arguments.end(), {"--tcp-ports", ports_of(forward)});
        serves += ", tcp " + ports_of(forward);
    }
    for (const auto& forward : net.udp) {
        arguments.insert(arguments.end(), {"--udp-ports", ports_of(forward)});
        serves += ", udp " + ports_of(forward);
    }
    return {
        .name = name,
        .serves = std::move(serves),
        .plugged = net.plugged,
        .program = "passt",
        .arguments = always(std::move(arguments)),
        .socket = socket,
        // Its own sandbox is stricter than systemd's, and needs namespaces to be made, of users too.
        .in_own_users = false,
        .rights = {"BindReadOnlyPaths=-/etc/resolv.conf", "PrivateNetwork=no",
                   "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
                   "RestrictNamespaces=user mnt ipc uts pid", "SystemCallFilter=@system-service @mount capset"},
        .folder_inside = household.sandboxed ? folder_inside : "",
        .device = network_device,
        .features = mergeable_buffers,
        .own_features = config_features,
        .queues = 2, // receives, sends
        .queue_size = queue_size,
        .config_size = config_size,
        .memory = queue_size * packet_memory + receive_memory,
        .adapt = [mac](std::string& config) { describe_card(config, mac, mtu); },
    };
}

} // namespace trv::host::devices
