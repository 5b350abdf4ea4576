// SPDX-License-Identifier: Apache-2.0
#include "host/vms/description.hpp"
#include "tests/unit/host/host_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::host::vms {
namespace {

using testing::HasSubstr;

class VmDescriptions : public HostFolder {
  protected:
    std::string mistake(const std::string& text) {
        const auto vms = parse_vms(text, root() / "vms.toml");
        return vms ? "none" : to_string(vms.error());
    }
};

TEST_F(VmDescriptions, PathsAreRelativeToTheFile) {
    const auto rootfs = put("root.cpio", "x");
    const auto kernel = put("Image", "x");
    const auto vms = parse_vms("[vm.b]\nmemory = \"64MiB\"\nrootfs = \"root.cpio\"\ntee = true\n"
                               "[vm.a]\nmemory = \"64MiB\"\nkernel = \"Image\"\nvcpus = 2\n",
                               root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    ASSERT_EQ(vms->size(), 2U);
    EXPECT_EQ(vms->at(0).name, "b");
    EXPECT_EQ(vms->at(0).rootfs, rootfs);
    EXPECT_EQ(vms->at(0).kernel, "") << "the host's own";
    EXPECT_TRUE(vms->at(0).tee);
    EXPECT_EQ(vms->at(1).kernel, kernel);
}

TEST_F(VmDescriptions, WhatOnlyTheToolHasIsRefusedWithItsPlace) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    EXPECT_THAT(mistake("[machine]\ncpus = 2\n" + vm), HasSubstr("vms.toml:1:1: machine: describes a machine"));
    EXPECT_THAT(mistake(vm + "kernel = \"debian:trixie\"\n"), HasSubstr("vms.toml:3:10: vm.a.kernel: debian:trixie"));
    EXPECT_THAT(mistake(vm + "kernel = \"guest:checks\"\n"), HasSubstr("only ./trivisor has"));
    EXPECT_THAT(mistake(vm + "rootfs = \"demo\"\n"), HasSubstr("only ./trivisor has"));
    EXPECT_THAT(mistake(vm + "devices = \"all\"\n"), HasSubstr("are the host's"));
    EXPECT_THAT(mistake(vm + "on_crash = \"halt-machine\"\n"), HasSubstr("vm.a.on_crash"));
    EXPECT_THAT(mistake(vm + "on_reboot = \"halt-machine\"\n"), HasSubstr("vm.a.on_reboot"));
    EXPECT_THAT(mistake(vm + "rootfs = \"nowhere\"\n"), HasSubstr("vms.toml:3:10"));
    EXPECT_THAT(mistake(vm + "memry = 1\n"), HasSubstr("memory"));
    EXPECT_THAT(mistake("[vms.a]\n"), HasSubstr("vm"));
    EXPECT_THAT(mistake(""), HasSubstr("[vm.NAME]"));
}

TEST_F(VmDescriptions, TheHostMayBeAllowedToSeeAllMemory) {
    put("root.img", "x");
    put("flash.fd", "x");
    put("root.cpio", "x");
    const std::string vm = "[vm.a]\nmemory = \"512MiB\"\ndisk = \"root.img\"\n";
    const auto parse = [this](const std::string& text) { return parse_vms(text, root() / "vms.toml"); };
    const auto usual = parse(vm);
    ASSERT_TRUE(usual) << to_string(usual.error());
    EXPECT_EQ(usual->at(0).io, contract::Io::Pool);
    const auto whole = parse(vm + "io = \"whole\"\n");
    ASSERT_TRUE(whole) << to_string(whole.error());
    EXPECT_EQ(whole->at(0).io, contract::Io::Whole);
    EXPECT_TRUE(whole->at(0).boots_from_disk());
    const auto firmware = parse(vm + "io = \"whole\"\nfirmware = \"flash.fd\"\n");
    ASSERT_TRUE(firmware) << to_string(firmware.error());
    EXPECT_EQ(firmware->at(0).kernel, "") << "the firmware finds it";
    EXPECT_THAT(mistake(vm + "firmware = \"flash.fd\"\n"), HasSubstr("Write io = \"whole\""));
    EXPECT_THAT(mistake(vm + "io = \"whole\"\ntee = true\n"), HasSubstr("vms.toml:4:6: vm.a.io: whole is not for"));
    EXPECT_THAT(mistake(vm + "io = \"half\"\n"), HasSubstr("is not one of pool, whole"));
    EXPECT_THAT(mistake("[vm.a]\nmemory = \"64MiB\"\nrootfs = \"root.cpio\"\nio = \"whole\"\n"),
                HasSubstr("the VM has none"));
    EXPECT_THAT(mistake("[vm.a]\nmemory = \"5GiB\"\ndisk = \"root.img\"\nio = \"whole\"\n"),
                HasSubstr("Give the VM at most 4GiB"));
}

TEST_F(VmDescriptions, VariablesHaveAFileThatNeedNotExist) {
    put("flash.fd", "x");
    const std::string vm = "[vm.a]\nmemory = \"512MiB\"\nfirmware = \"flash.fd\"\n";
    const auto parse = [this](const std::string& text) { return parse_vms(text, root() / "vms.toml"); };
    const auto none = parse(vm);
    ASSERT_TRUE(none) << to_string(none.error());
    EXPECT_EQ(none->at(0).variables, "");
    EXPECT_FALSE(none->at(0).is_served());
    const auto vms = parse(vm + "variables = \"vars.fd\"\n");
    ASSERT_TRUE(vms) << to_string(vms.error());
    EXPECT_EQ(vms->at(0).variables, root() / "vars.fd");
    EXPECT_TRUE(vms->at(0).is_served());
    EXPECT_FALSE(vms->at(0).has_devices());
    EXPECT_EQ(vms->at(0).variables_place.key, "vm.a.variables");
    EXPECT_THAT(mistake(vm + "variables = true\n"), HasSubstr("vms.toml:4:13: vm.a.variables: must be a string"));
    EXPECT_THAT(mistake(vm + "variables = \"\"\n"), HasSubstr("is not the path of a file"));
    EXPECT_THAT(mistake(vm + "variables = \"vars/\"\n"), HasSubstr("'vars/' is not the path of a file"));
    EXPECT_THAT(mistake("[vm.a]\nmemory = \"512MiB\"\nkernel = \"flash.fd\"\nvariables = \"vars.fd\"\n"),
                HasSubstr("vm.a.variables: is for a VM with firmware, and the VM has none. Write firmware = "));
}

constexpr std::string_view qcow2 = "QFI\xfb and more";

TEST_F(VmDescriptions, DisksAreImagesOrTables) {
    const auto root_image = put("root.img", "x");
    const auto data = put("data.qcow2", std::string{qcow2});
    const auto other = put("other", std::string{qcow2});
    const auto vms = parse_vms("[vm.a]\nmemory = \"64MiB\"\ndisk = \"root.img\"\n"
                               "[vm.b]\nmemory = \"64MiB\"\nrootfs = \"root.img\"\ndisk = [\"data.qcow2\", "
                               "{ image = \"other\", format = \"qcow2\", read_only = true }]\n"
                               "[vm.c]\nmemory = \"64MiB\"\ndisk = \"data.qcow2\"\n",
                               root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    ASSERT_EQ(vms->at(0).disks.size(), 1U);
    EXPECT_EQ(vms->at(0).disks[0].image, root_image);
    EXPECT_EQ(vms->at(0).disks[0].format, tool::machine::DiskFormat::Raw);
    EXPECT_TRUE(vms->at(0).boots_from_disk()) << "as nothing else is named";
    ASSERT_EQ(vms->at(1).disks.size(), 2U);
    EXPECT_FALSE(vms->at(1).boots_from_disk());
    EXPECT_EQ(vms->at(1).disks[0].image, data);
    EXPECT_EQ(vms->at(1).disks[0].format, tool::machine::DiskFormat::Qcow2);
    EXPECT_FALSE(vms->at(1).disks[0].read_only);
    EXPECT_EQ(vms->at(1).disks[1].image, other);
    EXPECT_EQ(vms->at(1).disks[1].format, tool::machine::DiskFormat::Qcow2);
    EXPECT_TRUE(vms->at(1).disks[1].read_only);
    EXPECT_TRUE(vms->at(2).boots_from_disk()) << "a qcow2 image as well";
}

TEST_F(VmDescriptions, DisksThatCannotBeServedAreRefusedWithTheirPlaces) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    put("root.img", "x");
    put("disguised.img", std::string{qcow2});
    put("not.qcow2", "x");
    put("a,b.img", "x");
    EXPECT_THAT(mistake(vm + "disk = \"none.img\"\n"), HasSubstr("vms.toml:3:8: vm.a.disk: no such image"));
    EXPECT_THAT(mistake(vm + "disk = 1\n"), HasSubstr("vms.toml:3:8: vm.a.disk: must be a string or a table"));
    EXPECT_THAT(mistake(vm + "disk = [\"root.img\", 2]\n"), HasSubstr("must be a string or a table"));
    EXPECT_THAT(mistake(vm + "disk = { format = \"raw\" }\n"), HasSubstr("vm.a.disk.image: is missing"));
    EXPECT_THAT(mistake(vm + "disk = { image = \"root.img\", bus = 1 }\n"), HasSubstr("unknown key"));
    EXPECT_THAT(mistake(vm + "disk = { image = \"root.img\", format = \"vmdk\" }\n"), HasSubstr("raw, qcow2"));
    EXPECT_THAT(mistake(vm + "disk = \"disguised.img\"\n"), HasSubstr("looks like a qcow2 image"))
        << "what a VM wrote there decides nothing";
    EXPECT_THAT(mistake(vm + "disk = \"not.qcow2\"\n"), HasSubstr("is not a qcow2 image"));
    EXPECT_THAT(mistake(vm + "disk = \"a,b.img\"\n"), HasSubstr("a comma"));
    EXPECT_THAT(mistake(vm + "disk = [\"root.img\", \"root.img\"]\n"), HasSubstr("is the image of two disks"));
    EXPECT_THAT(mistake(vm + "kernel = \"disk\"\n"), HasSubstr("the VM has none"));
    std::string many = "disk = [";
    for (unsigned index = 0; index < 9; ++index) {
        const auto name = "d" + std::to_string(index) + ".img";
        put(name, "x");
        many += "\"" + name + "\",";
    }
    EXPECT_THAT(mistake(vm + many + "]\n"), HasSubstr("has 9 disks"));
}

TEST_F(VmDescriptions, DisksMayBeOfAServer) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\nkernel = \"Image\"\n";
    put("Image", "x");
    const auto key = put("disk.key", "secret");
    const auto vms =
        parse_vms(vm + "disk = [{ nbd = \"unix:/run/nbd.sock\" }, { nbd = \"10.0.0.2\", export = \"web\" }, "
                       "{ nbd = \"[fd00::1]:4444\", format = \"luks\", key = \"disk.key\", read_only = true }]\n",
                  root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    const auto& disks = vms->at(0).disks;
    ASSERT_EQ(disks.size(), 3U);
    EXPECT_EQ(disks[0].nbd->socket, "/run/nbd.sock");
    EXPECT_EQ(disks[1].nbd->server, (tool::machine::IpEndpoint{.address = "10.0.0.2", .port = 10809}));
    EXPECT_EQ(where_is(disks[1]), "nbd 10.0.0.2:10809 web");
    EXPECT_EQ(where_is(disks[2]), "nbd [fd00::1]:4444");
    EXPECT_EQ(disks[2].format, tool::machine::DiskFormat::Luks);
    EXPECT_EQ(disks[2].key, key);

    for (const char* server : {"", "storage", "10.0.0.2:", "10.0.0.2:0", "10.0.0.2:65536", "fd00::1]:1", "[fd00::1]",
                               "[fd00::1]:", "[10.0.0.2", ":10809", "unix:", "unix:nbd.sock", "unix:/a,b"}) {
        EXPECT_THAT(mistake(vm + "disk = { nbd = \"" + server + "\" }\n"), HasSubstr("vms.toml:4:16: vm.a.disk.nbd"))
            << server;
    }
    EXPECT_THAT(mistake(vm + "disk = { nbd = \"::1\", image = \"Image\" }\n"), HasSubstr("is given beside nbd"));
    EXPECT_THAT(mistake(vm + "disk = { image = \"Image\", export = \"a\" }\n"), HasSubstr("is given without nbd"));
    EXPECT_THAT(mistake(vm + "disk = { nbd = \"::1\", export = \"a,b\" }\n"), HasSubstr("a comma"));
    EXPECT_THAT(mistake(vm + "disk = { nbd = \"::1\", format = \"qcow2\" }\n"), HasSubstr("vm.a.disk.format"));
    EXPECT_THAT(mistake(vm + "disk = [{ nbd = \"::1\" }, { nbd = \"[::1]:10809\" }]\n"), HasSubstr("of two disks"));
    EXPECT_THAT(
        mistake("[vm.a]\nmemory = \"64MiB\"\ndisk = { nbd = \"::1\" }\n"),
        HasSubstr("vms.toml:3:16: vm.a.disk.nbd: cannot be looked into, and the VM's kernel is to come from it"));
}

TEST_F(VmDescriptions, DisksMayBeEncrypted) {
    using namespace std::string_literals;
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\nkernel = \"plain\"\n";
    const auto image = put("disk.luks", "LUKS\xba\xbe\0\1 and more"s);
    put("two.luks", "LUKS\xba\xbe\0\2 and more"s);
    put("plain", "x");
    put("key", "secret");
    const auto vms =
        parse_vms(vm + "disk = { image = \"disk.luks\", format = \"luks\", key = \"key\" }\n", root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    EXPECT_EQ(vms->at(0).disks[0].image, image);
    EXPECT_EQ(vms->at(0).disks[0].key, root() / "key");
    const auto of = [&](const std::string& written) { return mistake(vm + "disk = { image = " + written + " }\n"); };
    EXPECT_THAT(of("\"disk.luks\", format = \"luks\""), HasSubstr("vm.a.disk.key: is missing: the disk is encrypted"));
    EXPECT_THAT(of("\"disk.luks\", format = \"luks\", key = \"none\""), HasSubstr("vm.a.disk.key: no such file"));
    EXPECT_THAT(of("\"plain\", key = \"key\""), HasSubstr("vm.a.disk.key: is for a disk of the format"));
    EXPECT_THAT(of("\"plain\", format = \"luks\", key = \"key\""), HasSubstr("is not a LUKS image"));
    EXPECT_THAT(of("\"two.luks\", format = \"luks\", key = \"key\""),
                HasSubstr("is not of LUKS' version 1. Open it in the "
                          "host with cryptsetup"));
}

TEST_F(VmDescriptions, BalloonsAreRefusedWithAReason) {
    EXPECT_THAT(mistake("[vm.a]\nmemory = \"64MiB\"\nballoon = true\n"),
                HasSubstr("vms.toml:3:11: vm.a.balloon: does not exist: a VM's memory is its own until it ends"));
}

TEST_F(VmDescriptions, NetworksAreWordsOrTables) {
    const auto vms =
        parse_vms("[vm.a]\nmemory = \"64MiB\"\nnet = \"user\"\n"
                  "[vm.b]\nmemory = \"64MiB\"\nnet = [\"user\", { to = \"user\", mac = \"52:54:00:12:34:aB\", "
                  "tcp = [\"2222:22\", \"0.0.0.0/8080:80\"], udp = [\"5353\"] }]\n",
                  root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    ASSERT_EQ(vms->at(0).nets.size(), 1U);
    EXPECT_TRUE(vms->at(0).has_devices());
    EXPECT_FALSE(vms->at(0).nets[0].mac) << "which follows from the VM's name";
    EXPECT_EQ(vms->at(0).nets[0].bridge, "");
    ASSERT_EQ(vms->at(1).nets.size(), 2U);
    const auto& second = vms->at(1).nets[1];
    EXPECT_EQ(second.mac, (tool::machine::MacAddress{0x52, 0x54, 0, 0x12, 0x34, 0xab}));
    ASSERT_EQ(second.tcp.size(), 2U);
    EXPECT_EQ(second.tcp[0].address, "127.0.0.1") << "for the host's own programs";
    EXPECT_EQ(second.tcp[0].host_port, 2222U);
    EXPECT_EQ(second.tcp[0].vm_port, 22U);
    EXPECT_EQ(second.tcp[1].address, "0.0.0.0");
    ASSERT_EQ(second.udp.size(), 1U);
    EXPECT_EQ(second.udp[0].vm_port, 5353U);
}

TEST_F(VmDescriptions, SocketsHaveAnAddress) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    const auto vms = parse_vms(vm + "vsock = 3\n", root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    EXPECT_EQ(vms->at(0).vsock, 3U);
    EXPECT_TRUE(vms->at(0).has_devices());
    EXPECT_THAT(mistake(vm + "vsock = 2\n"), HasSubstr("vm.a.vsock")) << "the host's own";
    EXPECT_THAT(mistake(vm + "vsock = true\n"), HasSubstr("vm.a.vsock"));
}

TEST_F(VmDescriptions, RandomNumbersAreADevice) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    const auto vms = parse_vms(vm + "rng = true\n", root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    EXPECT_TRUE(vms->at(0).rng);
    EXPECT_TRUE(vms->at(0).has_devices());
    EXPECT_FALSE(parse_vms(vm + "rng = false\n", root() / "vms.toml")->at(0).has_devices());
    EXPECT_THAT(mistake(vm + "rng = 3\n"), HasSubstr("vm.a.rng"));
    put("firmware", "x");
    EXPECT_THAT(mistake("[vm.a]\nmemory = \"256MiB\"\nfirmware = \"firmware\"\nrng = true\n"),
                HasSubstr("vm.a.rng: is not for a VM with firmware"));
}

TEST_F(VmDescriptions, NetworksMayBeBridgesOfTheHosts) {
    const auto vms = parse_vms("[vm.a]\nmemory = \"64MiB\"\nnet = [\"bridge:br0\", { to = \"bridge:lan.7\", mac = "
                               "\"52:54:00:12:34:56\" }]\n",
                               root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    EXPECT_EQ(vms->at(0).nets[0].bridge, "br0");
    EXPECT_EQ(vms->at(0).nets[1].bridge, "lan.7");
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    for (const char* name : {"", ".", "..", "a/b", "a b", "br0123456789abcd"}) {
        EXPECT_THAT(mistake(vm + "net = \"bridge:" + name + "\"\n"), HasSubstr("is not a network")) << name;
    }
    EXPECT_THAT(mistake(vm + "net = { to = \"bridge:br0\", tcp = [\"2222:22\"] }\n"),
                HasSubstr("vm.a.net.tcp: forwards ports of the host's to a VM that is in a network itself"));
}

TEST_F(VmDescriptions, NetworksThatCannotBeServedAreRefusedWithTheirPlaces) {
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    EXPECT_THAT(mistake(vm + "net = true\n"), HasSubstr("vms.toml:3:7: vm.a.net: must be a string or a table"));
    EXPECT_THAT(mistake(vm + "net = \"bridge\"\n"), HasSubstr("vm.a.net: 'bridge' is not a network. Write \"user\""));
    EXPECT_THAT(mistake(vm + "net = { to = \"\" }\n"), HasSubstr("vms.toml:3:14: vm.a.net.to: '' is not a network"));
    EXPECT_THAT(mistake(vm + "net = { ports = [] }\n"), HasSubstr("unknown key"));
    for (const char* mac : {"", "52:54:00:12:34", "52:54:00:12:34:5g", "52-54-00-12-34-56", "53:54:00:12:34:56",
                            "00:00:00:00:00:00", "5:254:00:12:34:56", "52:54:00:12:34:56:78"}) {
        EXPECT_THAT(mistake(vm + "net = { mac = \"" + mac + "\" }\n"), HasSubstr("vms.toml:3:15: vm.a.net.mac")) << mac;
    }
    for (const char* ports :
         {"", "x", "2222:", ":22", "2222:0", "2222:65536", "70000:22", "2222:22:1", "-2222:22", "localhost/2222:22",
          "/2222:22", "127.0.0.1/", "1 127.0.0.1/2222:22", "2222:22 ", "127.0.0.1\\u0000x/2222:22"}) {
        EXPECT_THAT(mistake(vm + "net = { tcp = [\"" + ports + "\"] }\n"), HasSubstr("vms.toml:3:15: vm.a.net.tcp"))
            << ports;
        EXPECT_THAT(mistake(vm + "net = { udp = [\"" + ports + "\"] }\n"), HasSubstr("does not name ports")) << ports;
    }
    EXPECT_THAT(mistake(vm + "net = { tcp = [\"80:80\"] }\n"), HasSubstr("80 is a port of the host's that only root"));
    const std::string card = "{ mac = \"52:54:00:12:34:56\" }";
    EXPECT_THAT(mistake(vm + "net = [" + card + ", " + card + "]\n"), HasSubstr("is the address of two network cards"));
    EXPECT_THAT(mistake(vm + "net = [\"user\", \"user\", \"user\", \"user\", \"user\"]\n"),
                HasSubstr("has 5 networks"));
}

TEST_F(VmDescriptions, SharesAreFoldersOrTables) {
    std::filesystem::create_directory(root() / "docs");
    std::filesystem::create_directory(root() / "more");
    const auto vms = parse_vms("[vm.a]\nmemory = \"64MiB\"\nshare = [\"docs/\", { folder = \"more\", tag = \"M.1\", "
                               "read_only = true }]\n",
                               root() / "vms.toml");
    ASSERT_TRUE(vms) << to_string(vms.error());
    const auto& shares = vms->at(0).shares;
    ASSERT_EQ(shares.size(), 2U);
    EXPECT_TRUE(vms->at(0).has_devices());
    EXPECT_EQ(shares[0].folder, root() / "docs");
    EXPECT_EQ(shares[0].tag, "docs");
    EXPECT_FALSE(shares[0].read_only);
    EXPECT_EQ(shares[1].tag, "M.1");
    EXPECT_TRUE(shares[1].read_only);

    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    put("file", "x");
    EXPECT_THAT(mistake(vm + "share = \"file\"\n"), HasSubstr("vms.toml:3:9: vm.a.share: no such folder"));
    EXPECT_THAT(mistake(vm + "share = \"/\"\n"), HasSubstr("is all of the host"));
    EXPECT_THAT(mistake(vm + "share = { tag = \"a\" }\n"), HasSubstr("vm.a.share.folder: is missing"));
    EXPECT_THAT(mistake(vm + "share = { folder = \"docs\", tag = \"a b\" }\n"),
                HasSubstr("vm.a.share.tag: 'a b' is not"));
    EXPECT_THAT(mistake(vm + "share = { folder = \"docs\", tag = \"\" }\n"), HasSubstr("is not a name for the VM"));
    EXPECT_THAT(mistake(vm + "share = [\"docs\", { folder = \"more\", tag = \"docs\" }]\n"),
                HasSubstr("two folders have the tag 'docs'"));
    EXPECT_THAT(mistake(vm + "share = { path = \"docs\" }\n"), HasSubstr("unknown key"));
}

TEST_F(VmDescriptions, DevicesMayComeLater) {
    put("root.img", "x");
    const std::string vm = "[vm.a]\nmemory = \"64MiB\"\n";
    const auto parse = [this](const std::string& text, bool takes_over = false) {
        return parse_vms(text, root() / "vms.toml", takes_over);
    };
    const auto vms = parse(vm + "disk = [\"root.img\", { image = \"cd.iso\", read_only = true, plugged = false }, "
                                "{ image = \"data\", format = \"qcow2\", plugged = false }, "
                                "{ image = \"more.qcow2\", plugged = false }]\n"
                                "net = { plugged = false }\nshare = { folder = \"docs\", plugged = false }\n");
    ASSERT_TRUE(vms) << to_string(vms.error());
    const auto& disks = vms->at(0).disks;
    ASSERT_EQ(disks.size(), 4U);
    EXPECT_TRUE(disks[0].plugged);
    EXPECT_FALSE(disks[1].plugged);
    EXPECT_EQ(disks[1].image, root() / "cd.iso") << "which need not exist";
    EXPECT_EQ(disks[2].image, "/var/lib/trivisor/disks/data.qcow2") << "the disk of this name";
    EXPECT_EQ(disks[3].format, tool::machine::DiskFormat::Qcow2);
    EXPECT_FALSE(vms->at(0).nets[0].plugged);
    EXPECT_EQ(vms->at(0).shares[0].folder, root() / "docs");
    EXPECT_FALSE(vms->at(0).shares[0].plugged);
    EXPECT_TRUE(
        parse(vm + "disk = { image = \"cd.iso\", plugged = false }\nkernel = \"root.img\"\n")->at(0).has_devices());
    EXPECT_THAT(mistake(vm + "disk = { image = \"root.img\", plugged = false }\n"),
                HasSubstr("vms.toml:3:18: vm.a.disk.image: is not plugged, and the VM boots from its first disk"));
    EXPECT_THAT(mistake(vm + "disk = [\"root.img\", { image = \"cd.iso\" }]\n"), HasSubstr("no such image"));
    EXPECT_THAT(mistake(vm + "disk = [\"root.img\", { image = \"\", plugged = false }]\n"), HasSubstr("is missing"));
    EXPECT_THAT(mistake(vm + "disk = [\"root.img\", { image = \"a,b\", plugged = false }]\n"), HasSubstr("a comma"));
    EXPECT_THAT(mistake(vm + "disk = { image = \"root.img\", plugged = 1 }\n"), HasSubstr("vm.a.disk.plugged"));
    EXPECT_THAT(mistake(vm + "net = { plugged = \"no\" }\n"), HasSubstr("vm.a.net.plugged"));
    put("docs", "x");
    EXPECT_THAT(mistake(vm + "share = { folder = \"docs\", plugged = false }\n"), HasSubstr("no such folder"));
    const auto again = parse(vm + "disk = [\"root.img\", \"unplugged.img\"]\nshare = \"gone\"\n", true);
    ASSERT_TRUE(again) << to_string(again.error());
    EXPECT_EQ(again->at(0).disks[1].image, root() / "unplugged.img");
}

TEST_F(VmDescriptions, AFileThatIsNotThere) {
    const auto vms = read_vms(root() / "none.toml");
    ASSERT_FALSE(vms);
    EXPECT_EQ(exit_code(vms.error()), 2);
}

} // namespace
} // namespace trv::host::vms
