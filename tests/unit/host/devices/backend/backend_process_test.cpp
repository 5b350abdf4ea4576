// SPDX-License-Identifier: Apache-2.0
#include "contract/virtio.hpp"
#include "host/devices/backend/backend_process.hpp"
#include "host/devices/kinds/disk.hpp"
#include "host/devices/kinds/net.hpp"
#include "host/devices/kinds/rng.hpp"
#include "host/devices/kinds/share.hpp"
#include "host/devices/kinds/vsock.hpp"
#include "host/devices/vm_devices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

namespace trv::host::devices {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t mib = 1024 * 1024;
constexpr DiskRequests short_requests{.entries = 512, .segment = 4096};

TEST(SandboxedBackends, SeeTheirImageAndTheirSocketAlone) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto plan = plan_disk({.image = "/srv/a.img"}, 1, short_requests, household);
    const auto arguments = sandboxed(plan, household, "trivisor-io-a:disk1.service");
    EXPECT_EQ(arguments.front(), "systemd-run");
    EXPECT_THAT(arguments, Contains("trivisor-io-a:disk1.service"));
    EXPECT_THAT(arguments, Contains("--property=BindPaths=/srv/a.img"));
    EXPECT_THAT(arguments, Contains("--property=BindPaths=/run/trivisor/a"));
    EXPECT_THAT(arguments, Contains("--property=User=trivisor-io"));
    EXPECT_THAT(arguments, Contains("--property=PrivateUsers=yes"))
        << "other backends of that user cannot look into it";
    EXPECT_THAT(arguments, Contains("--property=LimitCORE=0"));
    EXPECT_THAT(arguments, Contains("--property=PrivateNetwork=yes"));
    const auto program = std::ranges::find(arguments, "--");
    ASSERT_NE(program, arguments.end());
    EXPECT_EQ(*std::next(program), "qemu-storage-daemon");
    EXPECT_THAT(arguments.back(), HasSubstr("addr.path=/run/trivisor/a/disk1.sock"));
}

TEST(SandboxedBackends, ThatOnlyReadCannotWrite) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto of_disk = sandboxed(plan_disk({.image = "/srv/a.img", .read_only = true}, 0, short_requests, household),
                                   household, "disk0");
    EXPECT_THAT(of_disk, Contains("--property=BindReadOnlyPaths=/srv/a.img"));
    EXPECT_THAT(of_disk, Not(Contains("--property=BindPaths=/srv/a.img")));
    const auto of_share = sandboxed(plan_share({.folder = "/srv/docs", .tag = "docs", .read_only = true}, 0, household),
                                    household, "share0");
    EXPECT_THAT(of_share, Contains("--property=BindReadOnlyPaths=/srv/docs"));
}

TEST(SandboxedBackends, ThatServeANetworkHaveItAndNoFiles) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto plan = plan_net({.tcp = {{.address = "127.0.0.1", .host_port = 2222, .vm_port = 22}}}, 0, 1, household);
    EXPECT_EQ(plan.socket, "/run/trivisor/a/net0.sock");
    const auto arguments = sandboxed(plan, household, "trivisor-io-a:net0.service");
    EXPECT_THAT(arguments, Contains("--property=BindPaths=/run/trivisor/a:/tmp/trivisor"));
    EXPECT_THAT(arguments, Contains("/tmp/trivisor/net0.sock"));
    EXPECT_THAT(arguments, Contains("127.0.0.1/2222:22"));
    EXPECT_THAT(arguments, Contains("--no-map-gw")) << "what listens for the host's own programs is not the VM's";
    EXPECT_THAT(arguments, Not(Contains("--property=PrivateNetwork=yes")));
    EXPECT_THAT(arguments, Not(Contains("--property=PrivateUsers=yes"))) << "passt makes its own";
    EXPECT_THAT(arguments, Contains("--property=User=trivisor-io"));
}

TEST(SandboxedBackends, ThatServeABridgeMayMakeATapDevice) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto plan = plan_net({.bridge = "br0"}, 0, 1, household);
    EXPECT_THAT(plan.serves, HasSubstr("bridge br0 "));
    const auto arguments = sandboxed(plan, household, "trivisor-io-a:net0.service");
    EXPECT_THAT(arguments, Contains("--property=AmbientCapabilities=CAP_NET_ADMIN"));
    EXPECT_THAT(arguments, Not(Contains("--property=PrivateUsers=yes")))
        << "there the capability would be worth nothing";
    EXPECT_THAT(arguments, Contains("--property=DeviceAllow=/dev/vhost-net rw"));
    EXPECT_THAT(arguments, Contains("br0"));
    EXPECT_EQ(arguments.back(), "/run/trivisor/a/net0.sock");
}

TEST(SandboxedBackends, ThatServeAFolderSeeIt) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto plan = plan_share({.folder = "/srv/docs", .tag = "docs", .read_only = true}, 0, household);
    const auto arguments = sandboxed(plan, household, "trivisor-io-a:share0.service");
    EXPECT_THAT(arguments, Contains("--property=BindReadOnlyPaths=/srv/docs"));
    EXPECT_THAT(arguments, Contains("--property=PrivateNetwork=yes"));
    EXPECT_THAT(arguments, Contains("--readonly"));
    std::string config(plan.config_size, '\0');
    plan.adapt(config);
    EXPECT_EQ(config, "docs" + std::string(32, '\0') + '\1' + std::string(3, '\0'));
}

TEST(SandboxedBackends, ThatServeSocketsHaveTheVmsAddress) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto plan = plan_vsock(7, household);
    const auto arguments = sandboxed(plan, household, "trivisor-io-a:vsock.service");
    EXPECT_THAT(arguments, Contains("--property=DeviceAllow=/dev/vhost-vsock rw"));
    EXPECT_EQ(arguments.back(), "/run/trivisor/a/vsock.sock");
    std::string config(plan.config_size, '\0');
    plan.adapt(config);
    EXPECT_EQ(config, std::string("\7\0\0\0\0\0\0\0", 8));
}

TEST(SandboxedBackends, ThatServeRandomNumbersSeeNothingOfTheHost) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto plan = plan_rng(household);
    const auto arguments = sandboxed(plan, household, "trivisor-io-a:rng.service");
    EXPECT_THAT(arguments, Contains("--property=PrivateNetwork=yes"));
    EXPECT_THAT(arguments, Contains("--property=CapabilityBoundingSet="));
    EXPECT_EQ(arguments.back(), "/run/trivisor/a/rng.sock");
    EXPECT_TRUE(plan.files.empty());
    EXPECT_EQ(plan.features | plan.own_features, 0U);
    EXPECT_EQ(plan.config_size, 0U);
}

/// A VM with these numbers of devices. Every second network is a bridge's.
tool::machine::VmDescription vm_of(std::uint64_t memory, unsigned disks, unsigned nets, unsigned shares) {
    tool::machine::VmDescription vm;
    vm.name = "a";
    vm.memory = memory;
    vm.disks.resize(disks, {.image = "/srv/a.img"});
    for (unsigned index = 0; index < nets; ++index) {
        vm.nets.push_back({.bridge = index % 2 != 0 ? "br0" : ""});
    }
    vm.shares.resize(shares, {.folder = "/srv", .tag = "srv"});
    const unsigned listed = disks + nets + shares;
    if (listed < contract::virtio::slots) {
        vm.vsock = 3;
    }
    vm.rng = listed + 1 < contract::virtio::slots;
    return vm;
}

TEST(Devices, ShareTheBank) {
    for (unsigned devices = 0; devices < 9 * 5 * 5; ++devices) {
        for (const std::uint64_t memory : {64 * mib, 512 * mib, 4096 * mib}) {
            const auto plans =
                plans_for(vm_of(memory, devices % 9, devices / 9 % 5, devices / 45), {.vm = "a", .folder = "/run"});
            const auto size = bank_size(plans);
            constexpr std::uint64_t beside_pool = 2 * mib;
            EXPECT_LE(memory_of(plans), size - beside_pool) << devices;
            EXPECT_TRUE(std::has_single_bit(size - beside_pool)) << devices << ": or Linux' pool is smaller";
            EXPECT_LE(size, contract::virtio::largest_bank) << devices;
            EXPECT_EQ(size % contract::virtio::bank_step, 0U);
        }
    }
}

/// What the VM is told of the first disk's longest segment.
std::uint32_t longest_segment(const tool::machine::VmDescription& vm) {
    const auto plan = plans_for(vm, {.vm = "a", .folder = "/run"}).front();
    std::string config(plan.config_size, '\0');
    plan.adapt(config);
    std::uint32_t segment = 0;
    std::memcpy(&segment, config.data() + 8, sizeof segment); // size_max [virtio 1.3, 5.2.4]
    return segment;
}

TEST(Disks, HaveLongerRequestsInLargerVms) {
    EXPECT_EQ(longest_segment(vm_of(256 * mib, 4, 1, 0)), 8192U);
    EXPECT_EQ(longest_segment(vm_of(256 * mib, 1, 1, 0)), 16384U);
    EXPECT_EQ(longest_segment(vm_of(512 * mib, 1, 0, 0)), 32768U);
    EXPECT_EQ(longest_segment(vm_of(4096 * mib, 2, 2, 0)), 32768U);
    EXPECT_EQ(longest_segment(vm_of(4096 * mib, 8, 4, 4)), 16384U) << "of a VM with many devices";
    auto whole = vm_of(256 * mib, 8, 4, 4);
    whole.io = contract::Io::Whole;
    EXPECT_EQ(longest_segment(whole), mib) << "which need no pool";
}

TEST(NetworkCards, HaveTheAddressThatTheDescriptionGives) {
    const auto plan = plan_net({.mac = tool::machine::MacAddress{0x52, 0x54, 0, 1, 2, 3}}, 0, 1, {.folder = "/run"});
    std::string config(plan.config_size, '\0');
    plan.adapt(config);
    EXPECT_EQ(config.substr(0, 6), std::string("\x52\x54\0\1\2\3", 6));
    EXPECT_EQ(config[6], 1) << "the link is up";
}

TEST(NetworkCards, HaveAnAddressOfTheirOwnOtherwise) {
    const auto mac = mac_of("web", 0, "host");
    EXPECT_EQ(mac, mac_of("web", 0, "host")) << "always the same";
    EXPECT_NE(mac, mac_of("web", 1, "host"));
    EXPECT_NE(mac, mac_of("web2", 0, "host"));
    EXPECT_NE(mac, mac_of("web", 0, "another host"));
    EXPECT_EQ(mac[0] & 3, 2) << "one card's, and not a manufacturer's";
}

TEST(Disks, AreReadOnlyOrOfAnotherFormatIfTheDescriptionSaysSo) {
    const auto plan = plan_disk({.image = "/srv/a.img", .format = tool::machine::DiskFormat::Qcow2, .read_only = true},
                                0, short_requests, {.folder = "/run"});
    EXPECT_THAT(plan.arguments(), Contains(HasSubstr("driver=qcow2,node-name=disk,file=file,read-only=on")));
    EXPECT_THAT(plan.arguments(), Contains(HasSubstr("writable=off")));
}

TEST(Disks, AreAServersExport) {
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const tool::machine::NbdExport at_address{.server = {.address = "10.0.0.2", .port = 10809}, .name = "web"};
    const auto remote = plan_disk({.nbd = at_address}, 0, short_requests, household);
    EXPECT_THAT(remote.arguments(),
                Contains(HasSubstr("driver=nbd,node-name=file,server.type=inet,server.host=10.0.0.2,"
                                   "server.port=10809,export=web,")));
    const auto arguments = sandboxed(remote, household, "trivisor-io-a:disk0.service");
    EXPECT_THAT(arguments, Contains("--property=IPAddressDeny=any"));
    EXPECT_THAT(arguments, Contains("--property=IPAddressAllow=10.0.0.2"));
    EXPECT_THAT(arguments, Not(Contains("--property=PrivateNetwork=yes")));
    EXPECT_TRUE(remote.files.empty());

    const auto local =
        plan_disk({.nbd = tool::machine::NbdExport{.socket = "/run/nbd.sock"}}, 0, short_requests, household);
    EXPECT_THAT(local.arguments(), Contains(HasSubstr("server.type=unix,server.path=/run/nbd.sock,export=,")));
    EXPECT_THAT(sandboxed(local, household, "unit"), Contains("--property=BindPaths=/run/nbd.sock"));
    EXPECT_THAT(sandboxed(local, household, "unit"), Contains("--property=PrivateNetwork=yes"));
}

TEST(Disks, GetTheirKeyFromSystemd) {
    const tool::machine::VmDisk disk{
        .image = "/srv/a.luks", .format = tool::machine::DiskFormat::Luks, .key = "/etc/a.key"};
    const Household household{.vm = "a", .folder = "/run/trivisor/a", .sandboxed = true};
    const auto plan = plan_disk(disk, 0, short_requests, household);
    EXPECT_THAT(plan.arguments(), Contains("secret,id=key,file=${CREDENTIALS_DIRECTORY}/key"));
    EXPECT_THAT(plan.arguments(), Contains(HasSubstr("driver=luks,node-name=disk,file=file,read-only=off,discard=unmap,"
                                                     "key-secret=key")));
    EXPECT_THAT(sandboxed(plan, household, "unit"), Contains("--property=LoadCredential=key:/etc/a.key"));
    EXPECT_THAT(plan_disk(disk, 0, short_requests, {.folder = "/run"}).arguments(),
                Contains("secret,id=key,file=/etc/a.key"));
}

} // namespace
} // namespace trv::host::devices
