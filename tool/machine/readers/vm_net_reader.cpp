// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/vm_net_reader.hpp"

#include "tool/machine/readers/vm_disk_reader.hpp"
#include "tool/machine/values/ip_endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace trv::tool::machine {

namespace {

constexpr std::array<std::string_view, 5> vm_net_keys{"to", "mac", "tcp", "udp", plugged_key};
constexpr std::string_view user_network = "user";
constexpr std::string_view bridge_prefix = "bridge:";
constexpr std::size_t longest_interface = 15; // [netdevice(7)]
/// Of the host's: the programs that listen there have no right to lower ones.
constexpr unsigned first_free_port = 1024;
/// Programs of the host itself, and no others, reach a port that is forwarded without an address.
constexpr const char* local_address = "127.0.0.1";
constexpr std::string_view forward_hint = "Write \"PORT:VM-PORT\", for example \"2222:22\", or with one of the host's "
                                          "addresses before it: \"0.0.0.0/8080:80\".";

Result<PortForward> read_forward(const TableReader& reader, std::string_view key, std::string_view written) {
    PortForward forward{.address = local_address};
    const auto slash = written.find('/');
    if (slash != std::string_view::npos) {
        forward.address = written.substr(0, slash);
    }
    const std::string_view ports = written.substr(slash == std::string_view::npos ? 0 : slash + 1);
    const auto colon = ports.find(':');
    const auto host = parse_port(ports.substr(0, colon));
    const auto vm = colon == std::string_view::npos ? host : parse_port(ports.substr(colon + 1));
    if (!is_ip_address(forward.address) || !host || !vm) {
        return reader.wrong(key, fmt::format("'{}' does not name ports", written), std::string{forward_hint});
    }
    if (*host < first_free_port) {
        return reader.wrong(key, fmt::format("{} is a port of the host's that only root may use", *host),
                            fmt::format("Name one from {} to {}.", first_free_port, last_port));
    }
    forward.host_port = *host;
    forward.vm_port = *vm;
    return forward;
}

Result<std::vector<PortForward>> read_forwards(const TableReader& reader, std::string_view key) {
    std::vector<PortForward> forwards;
    for (const auto& written : TRY(reader.texts(key))) {
        forwards.push_back(TRY(read_forward(reader, key, written)));
    }
    return forwards;
}

bool is_interface(std::string_view text) {
    return !text.empty() && text.size() <= longest_interface && text != "." && text != ".." &&
           std::ranges::all_of(text, [](char letter) {
               return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
           });
}

/// @return the bridge; empty for the network that a user's program has
Result<std::string> read_network(const TableReader& reader, std::string_view key, std::string_view written) {
    if (written == user_network) {
        return std::string{};
    }
    const bool bridge = written.starts_with(bridge_prefix);
    if (!bridge || !is_interface(written.substr(bridge_prefix.size()))) {
        return reader.wrong(
            key, fmt::format("'{}' is not a network", written),
            "Write \"user\": the VM reaches what the host's programs reach; or \"bridge:NAME\" with the name "
            "of a bridge of the host's.");
    }
    return std::string{written.substr(bridge_prefix.size())};
}

Result<VmNet> read_plain(const TableReader& vm, const std::string& written) {
    return VmNet{.bridge = TRY(read_network(vm, vm_net_key, written)), .place = vm.place(vm_net_key)};
}

Result<VmNet> read_table(const TableReader& reader) {
    TRY(reader.expect_only(vm_net_keys));
    VmNet net{.bridge = TRY(read_network(reader, "to", TRY(reader.text("to")).value_or(std::string{user_network}))),
              .tcp = TRY(read_forwards(reader, "tcp")),
              .udp = TRY(read_forwards(reader, "udp")),
              .plugged = TRY(reader.truth(plugged_key)).value_or(true),
              .place = reader.place("mac")};
    if (!net.bridge.empty() && !(net.tcp.empty() && net.udp.empty())) {
        return reader.wrong(net.tcp.empty() ? "udp" : "tcp",
                            "forwards ports of the host's to a VM that is in a network itself",
                            "Omit the key: other computers reach the VM's ports at its own address.");
    }
    if (const auto written = TRY(reader.text("mac"))) {
        net.mac = parse_mac(*written);
        if (!net.mac) {
            return reader.wrong("mac", fmt::format("'{}' is not the address of a network card", *written),
                                "Write six bytes, the first of them even: \"52:54:00:12:34:56\"; or omit the key.");
        }
    }
    return net;
}

} // namespace

std::optional<MacAddress> parse_mac(std::string_view text) {
    constexpr std::size_t letters = 3; // of a byte, with the colon behind it
    MacAddress mac{};
    if (text.size() != mac.size() * letters - 1) {
        return std::nullopt;
    }
    for (std::size_t index = 0; index < mac.size(); ++index) {
        const char* byte = text.data() + index * letters;
        if (std::from_chars(byte, byte + 2, mac[index], 16).ptr != byte + 2 || (index > 0 && byte[-1] != ':')) {
            return std::nullopt;
        }
    }
    const bool is_group = (mac[0] & 1) != 0;
    return is_group || mac == MacAddress{} ? std::nullopt : std::optional{mac};
}

Result<std::vector<VmNet>> read_vm_nets(const TableReader& vm) {
    std::vector<VmNet> nets;
    for (const auto& item : TRY(vm.texts_and_tables(vm_net_key))) {
        nets.push_back(item.table ? TRY(read_table(*item.table)) : TRY(read_plain(vm, item.text)));
    }
    if (nets.size() > most_vm_nets) {
        return vm.wrong(vm_net_key, fmt::format("has {} networks", nets.size()),
                        fmt::format("Give the VM at most {}.", most_vm_nets));
    }
    for (auto net = nets.begin(); net != nets.end(); ++net) {
        if (net->mac &&
            std::find_if(nets.begin(), net, [&](const VmNet& other) { return other.mac == net->mac; }) != net) {
            return wrong_at(net->place, "is the address of two network cards", "Give each its own, or omit the key.");
        }
    }
    return nets;
}

} // namespace trv::tool::machine
