// SPDX-License-Identifier: Apache-2.0
#include "host/devices/kinds/disk.hpp"

#include "tool/support/file_descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace trv::host::devices {

namespace {

/// [virtio 1.3, 5.2] Indirect descriptors are not among the features: a request's table would be one bounce buffer more, and
/// entries of the queue bound what all requests take of the pool.
constexpr std::uint32_t block_device = 2;
constexpr std::uint64_t bit(unsigned number) {
    return std::uint64_t{1} << number;
}
constexpr std::uint64_t flush = bit(9);
constexpr std::uint64_t block_features = bit(1) | bit(2) | bit(5) | bit(6) | flush |
                                         bit(10) |           // size_max, seg_max, ro, blk_size,
                                         bit(13) | bit(14) | // topology, discard,
                                         bit(29);            // write zeroes, event index
constexpr std::size_t config_size = 60;
constexpr std::size_t size_max_at = 8;
constexpr std::size_t seg_max_at = 12;
constexpr std::size_t writeback_at = 32;

constexpr std::uint16_t long_queue = 512;
/// Of a request, which has a header and a status beside them: one fits into the shortest queue.
constexpr std::uint32_t most_segments = long_queue / 4 - 2;
constexpr std::uint32_t shortest_segment = 4096;
constexpr std::uint32_t longest_segment = 64 * 1024;
constexpr std::uint32_t segment_without_pool = 1024 * 1024;

std::uint64_t memory_of(DiskRequests requests) {
    return requests.entries * std::uint64_t{requests.segment};
}

std::uint16_t entries_among(std::size_t devices) {
    if (devices <= devices_with_long_queues) {
        return long_queue;
    }
    return devices <= 2 * devices_with_long_queues ? long_queue / 2 : long_queue / 4;
}

void put(std::string& config, std::size_t at, std::uint32_t value) {
    std::memcpy(config.data() + at, &value, sizeof value);
}

/// Past the page cache the kernel takes requests at once, without a thread of the daemon's for each. Not all file systems
/// can read so [open(2), EINVAL]; what else is wrong with the image, the daemon says. Where the image was, there may be
/// anything by now, also what an open() would wait for.
const char* requests_of(const std::filesystem::path& image) {
    const tool::FileDescriptor direct{::open(image.c_str(), O_RDONLY | O_DIRECT | O_NONBLOCK | O_CLOEXEC)};
    return direct || errno != EINVAL ? "cache.direct=on,aio=native" : "aio=threads";
}

/// Seconds. Requests wait so long for a server that has gone, and fail then.
constexpr unsigned server_may_be_gone = 300;

/// Neither paths nor names have commas: is_plain().
std::string nbd_node(const tool::machine::NbdExport& nbd, const char* read_only) {
    const std::string server = nbd.socket.empty() ? fmt::format("server.type=inet,server.host={},server.port={}",
                                                                nbd.server.address, nbd.server.port)
                                                  : fmt::format("server.type=unix,server.path={}", nbd.socket.string());
    return fmt::format("driver=nbd,node-name=file,{},export={},reconnect-delay={},read-only={},discard=unmap", server,
                       nbd.name, server_may_be_gone, read_only);
}

std::string file_node(const std::filesystem::path& image, const char* read_only) {
    std::error_code problem;
    const bool is_block_device = std::filesystem::is_block_file(image, problem);
    return fmt::format("driver={},node-name=file,filename={},read-only={},discard=unmap,{}",
                       is_block_device ? "host_device" : "file", image.string(), read_only, requests_of(image));
}

/// @param key  the path at which the program finds it
std::vector<std::string> arguments_for(const tool::machine::VmDisk& disk, const std::string& key,
                                       const std::filesystem::path& socket) {
    const char* const read_only = disk.read_only ? "on" : "off";
    std::vector<std::string> arguments{"--object", "iothread,id=queues"};
    std::string secret;
    if (disk.format == tool::machine::DiskFormat::Luks) {
        arguments.insert(arguments.end(), {"--object", "secret,id=key,file=" + key});
        secret = ",key-secret=key";
    }
    arguments.insert(
        arguments.end(),
        {"--blockdev", disk.nbd ? nbd_node(*disk.nbd, read_only) : file_node(disk.image, read_only), "--blockdev",
         fmt::format("driver={},node-name=disk,file=file,read-only={},discard=unmap{}", name_of(disk.format), read_only,
                     secret),
         "--export",
         fmt::format(
             "type=vhost-user-blk,id=export,node-name=disk,iothread=queues,writable={},addr.type=unix,addr.path={}",
             disk.read_only ? "off" : "on", socket.string())});
    return arguments;
}

std::vector<std::filesystem::path> files_of(const tool::machine::VmDisk& disk) {
    if (!disk.nbd) {
        return {disk.image};
    }
    return disk.nbd->socket.empty() ? std::vector<std::filesystem::path>{} : std::vector{disk.nbd->socket};
}

/// The network is the server's address, if it has one, and nothing else.
std::vector<std::string> rights_of(const tool::machine::VmDisk& disk) {
    std::vector<std::string> rights{"ProcSubset=pid", "RestrictNamespaces=yes", "SystemCallFilter=@system-service"};
    if (disk.nbd && disk.nbd->socket.empty()) {
        rights.insert(rights.end(), {"RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "IPAddressDeny=any",
                                     "IPAddressAllow=" + disk.nbd->server.address});
    } else {
        rights.insert(rights.end(), {"PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX"});
    }
    return rights;
}

} // namespace

DiskRequests requests_of_disks(std::size_t disks, std::size_t devices, std::uint64_t room) {
    DiskRequests requests{.entries = entries_among(devices), .segment = longest_segment};
    while (requests.segment > shortest_segment && disks * memory_of(requests) > room) {
        requests.segment /= 2;
    }
    return requests;
}

DiskRequests requests_without_pool() {
    return {.entries = long_queue, .segment = segment_without_pool};
}

BackendPlan plan_disk(const tool::machine::VmDisk& disk, unsigned index, DiskRequests requests,
                      const Household& household) {
    const std::string name = fmt::format("disk{}", index);
    const auto socket = household.folder / (name + ".sock");
    // systemd replaces the variable.
    const std::string key =
        household.sandboxed ? fmt::format("${{CREDENTIALS_DIRECTORY}}/{}", key_credential) : disk.key.string();
    return {
        .name = name,
        .serves = fmt::format("{} {}{}", name_of(disk.format), where_is(disk), disk.read_only ? ", read only" : ""),
        .plugged = disk.plugged,
        .program = "qemu-storage-daemon",
        .arguments = [disk, key, socket] { return arguments_for(disk, key, socket); },
        .socket = socket,
        .files = files_of(disk),
        .only_reads = disk.read_only && !disk.nbd,
        .key = disk.key,
        .rights = rights_of(disk),
        .device = block_device,
        .features = block_features,
        .queues = 1,
        .queue_size = requests.entries,
        .config_size = config_size,
        .memory = memory_of(requests),
        .manners = {.keeps_in_flight = true},
        .adapt =
            [segment = requests.segment](std::string& config) {
                put(config, size_max_at, segment);
                put(config, seg_max_at, most_segments);
                config[writeback_at] = 1;
            },
        // A driver that does not flush its writes gets them written through.
        .on_start =
            [](std::uint64_t features) {
                return BackendPlan::Setting{.offset = writeback_at,
                                            .bytes = std::string(1, (features & flush) != 0 ? '\1' : '\0')};
            },
    };
}

} // namespace trv::host::devices
