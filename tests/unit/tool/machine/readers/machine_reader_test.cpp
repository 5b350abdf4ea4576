// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/machine_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::tool::machine {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string head = "[machine]\nplatform = \"qemu-virt\"\ncpus = 2\nmemory = \"2GiB\"\n";
const std::string vm =
    "[vm.alpha]\nmemory = \"512MiB\"\nvcpus = 2\nkernel = \"debian:trixie/cloud\"\nrootfs = \"demo\"\n";

/// The message for a description that must be refused as a usage error.
std::string refusal(const std::string& text) {
    const auto machine = parse_machine(text, "m.toml");
    if (machine) {
        return "accepted";
    }
    EXPECT_EQ(machine.error().kind, ErrorKind::Usage);
    return to_string(machine.error());
}

TEST(MachineReader, ReadsAFullDescription) {
    const auto machine = parse_machine(head + vm +
                                           "cmdline = \"quiet\"\ntee = true\ncpus = [0, 1]\nweight = 300\ncap = 50\n"
                                           "on_reboot = \"stop\"\non_crash = \"halt-machine\"\n",
                                       "m.toml");
    ASSERT_TRUE(machine) << to_string(machine.error());
    EXPECT_EQ(machine->cpus, 2U);
    EXPECT_EQ(machine->memory, 2 * gib);
    ASSERT_EQ(machine->vms.size(), 1U);
    const VmDescription& alpha = machine->vms.front();
    EXPECT_EQ(alpha.name, "alpha");
    EXPECT_EQ(alpha.memory, 512 * mib);
    EXPECT_EQ(alpha.vcpus, 2U);
    EXPECT_EQ(alpha.cpus, (std::vector{0U, 1U}));
    EXPECT_EQ(alpha.kernel, "debian:trixie/cloud");
    EXPECT_EQ(alpha.cmdline, "quiet");
    EXPECT_TRUE(alpha.tee.has_value());
    EXPECT_EQ(alpha.weight, 300U);
    EXPECT_EQ(alpha.cap, 50U);
    EXPECT_EQ(alpha.on_reboot, contract::OnReboot::Stop);
    EXPECT_EQ(alpha.on_crash, contract::OnCrash::HaltMachine);
}

TEST(MachineReader, KeepsTheOrderOfTheFile) {
    const auto machine =
        parse_machine(head + "[vm.zeta]\nmemory = \"64MiB\"\nkernel = \"guest:probe\"\n" + vm, "m.toml");
    ASSERT_TRUE(machine) << to_string(machine.error());
    EXPECT_EQ(machine->vms.at(0).name, "zeta");
    EXPECT_EQ(machine->vms.at(0).rootfs, "");
    EXPECT_EQ(machine->vms.at(1).name, "alpha");
}

TEST(MachineReader, ProposesTheKeyThatWasMeant) {
    EXPECT_THAT(refusal(head + vm + "memroy = \"1GiB\"\n"),
                AllOf(StartsWith("m.toml:10:1: vm.alpha.memroy: unknown key"), HasSubstr("Did you mean 'memory'?")));
    EXPECT_THAT(refusal(head + "cpuss = 2\n" + vm), HasSubstr("Did you mean 'cpus'?"));
    EXPECT_THAT(refusal("[machin]\n" + head + vm), HasSubstr("Did you mean 'machine'?"));
    EXPECT_THAT(refusal(head + vm + "colour = 1\n"), HasSubstr("Valid keys are memory, vcpus"));
}

TEST(MachineReader, RefusesAMissingKernel) {
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = \"64MiB\"\n"),
                StartsWith("m.toml:5:1: vm.a.kernel: is missing. Name a"));
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = \"64MiB\"\nkernel = \"nowhere/Image\"\n"),
                StartsWith("m.toml:7:10: vm.a.kernel: no such file: nowhere/Image. Name a kernel"));
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = \"64MiB\"\nkernel = \"debian:hamm\"\n"),
                AllOf(StartsWith("m.toml:7:10: vm.a.kernel: debian:hamm"), HasSubstr("debian:trixie/cloud")));
}

TEST(MachineReader, ReadsFirmwareWithAndWithoutAKernel) {
    const std::string uefi = "[vm.a]\nmemory = \"256MiB\"\nfirmware = \"uefi\"\n";
    const auto alone = parse_machine(head + uefi, "m.toml");
    ASSERT_TRUE(alone) << to_string(alone.error());
    EXPECT_EQ(alone->vms.at(0).firmware, "uefi");
    EXPECT_EQ(alone->vms.at(0).kernel, "");
    const auto both = parse_machine(head + uefi + "kernel = \"debian:trixie\"\nrootfs = \"demo\"\n", "m.toml");
    ASSERT_TRUE(both) << to_string(both.error());
    EXPECT_EQ(both->vms.at(0).kernel, "debian:trixie");
}

TEST(MachineReader, RefusesFirmwareThatCannotWork) {
    const auto with = [](const std::string& lines) { return refusal(head + "[vm.a]\nfirmware = \"uboot\"\n" + lines); };
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = \"256MiB\"\nfirmware = \"bios\"\n"),
                StartsWith("m.toml:7:12: vm.a.firmware: no such file: bios. Write \"uefi\", \"uboot\", or the path"));
    EXPECT_THAT(with("memory = \"128MiB\"\n"),
                HasSubstr("vm.a.memory: 128MiB is too little for firmware. Give the VM at"));
    EXPECT_THAT(with("memory = \"256MiB\"\nrootfs = \"demo\"\n"),
                HasSubstr("vm.a.rootfs: is for a kernel, and the VM has none"));
    EXPECT_THAT(with("memory = \"256MiB\"\ncmdline = \"quiet\"\n"), HasSubstr("vm.a.cmdline: is for a kernel"));
    EXPECT_THAT(with("memory = \"256MiB\"\nkernel = \"guest:probe\"\n"),
                HasSubstr("vm.a.kernel: is not for a VM with firmware"));
    EXPECT_THAT(with("memory = \"512MiB\"\ndevices = \"all\"\n"), HasSubstr("vm.a.firmware: is not for the host"));
}

TEST(MachineReader, Takes32BitKernelsWhereTheyCanStart) {
    const std::string narrow = "[vm.a]\nmemory = \"512MiB\"\nkernel = \"debian:trixie/armhf\"\n";
    const auto machine = parse_machine(head + narrow, "m.toml");
    ASSERT_TRUE(machine) << to_string(machine.error());
    EXPECT_TRUE(parse_machine(head + "cpu = \"a53\"\n" + narrow, "m.toml"));
    EXPECT_THAT(refusal(head + "cpu = \"a76\"\n" + narrow),
                HasSubstr("vm.a.kernel: is for 32-bit Arm, which cortex-a76 has for applications only. "
                          "Write cpu = \"cortex-a57\""));
    EXPECT_THAT(refusal(head + narrow + "firmware = \"uefi\"\n"), HasSubstr("the firmware starts kernels for arm64"));
    EXPECT_THAT(refusal(head + narrow + "devices = \"all\"\n"), HasSubstr("the host's is one for arm64"));
}

TEST(MachineReader, RefusesAMissingRootfs) {
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = \"64MiB\"\nkernel = \"debian:trixie\"\nrootfs = \"nix\"\n"),
                StartsWith("m.toml:8:10: vm.a.rootfs: no such file: nix"));
}

TEST(MachineReader, ReadsDisksAndNetwork) {
    const auto machine = parse_machine(head +
                                           "disks = [{ image = \"debian:trixie\", bus = \"nvme\" }]\n"
                                           "network = \"user\"\n" +
                                           "[vm.host]\nmemory = \"512MiB\"\nkernel = \"disk\"\n",
                                       "m.toml");
    ASSERT_TRUE(machine) << to_string(machine.error());
    ASSERT_EQ(machine->disks.size(), 1U);
    EXPECT_EQ(machine->disks[0].image, "debian:trixie");
    EXPECT_EQ(machine->disks[0].bus, platform::DiskBus::Nvme);
    EXPECT_EQ(machine->network, platform::Network::User);
    EXPECT_TRUE(machine->vms.at(0).boots_from_disk());
    EXPECT_EQ(parse_machine(head + "disks = [{ image = \"debian:trixie\" }]\n" + vm, "m.toml")->disks.at(0).bus,
              platform::DiskBus::VirtioPci);
    EXPECT_EQ(parse_machine(head + vm, "m.toml")->network, platform::Network::None);
}

TEST(MachineReader, RefusesDevicesOfVmsThatNoHostServes) {
    EXPECT_THAT(refusal(head + vm + "disk = \"a.img\"\n"),
                AllOf(StartsWith("m.toml:10:8: vm.alpha.disk: is for VMs that a host makes"), HasSubstr("trivisorctl"),
                      HasSubstr("[machine] disks")));
    EXPECT_THAT(
        refusal(head + vm + "net = \"user\"\n"),
        AllOf(StartsWith("m.toml:10:7: vm.alpha.net: is for VMs that a host makes"), HasSubstr("[machine] network")));
}

TEST(MachineReader, RefusesImpossibleDisks) {
    EXPECT_THAT(refusal(head + "disks = \"a\"\n" + vm),
                StartsWith("m.toml:5:9: machine.disks: must be a list of tables. Write it like disks = [{"));
    EXPECT_THAT(refusal(head + "disks = [{ bus = \"nvme\" }]\n" + vm), HasSubstr("machine.disks.image: is missing"));
    EXPECT_THAT(refusal(head + "disks = [{ image = \"nix.img\" }]\n" + vm),
                StartsWith("m.toml:5:20: machine.disks.image: no such file: nix.img. Name debian:trixie, or the path"));
    EXPECT_THAT(refusal(head + "disks = [{ image = \"debian:hamm\" }]\n" + vm),
                HasSubstr("debian:hamm: no such image"));
    EXPECT_THAT(refusal(head + "disks = [{ image = \"debian:trixie\", bus = \"ide\" }]\n" + vm),
                HasSubstr("'ide' is not one of virtio-pci, nvme, virtio-mmio"));
    EXPECT_THAT(refusal(head + "disks = [{ file = \"debian:trixie\" }]\n" + vm), HasSubstr("unknown key"));
    EXPECT_THAT(refusal(head + "disks = [{ image = \"debian:trixie\" }, { image = \"debian:trixie\" }]\n" + vm),
                HasSubstr("is the image of two disks"));
    EXPECT_THAT(refusal(head + "network = \"tap\"\n" + vm), HasSubstr("is not one of none, user"));
}

TEST(MachineReader, RefusesAKernelOnADiskThatIsNotThere) {
    EXPECT_THAT(refusal(head + "[vm.host]\nmemory = \"512MiB\"\nkernel = \"disk\"\n"),
                AllOf(StartsWith("m.toml:7:10: vm.host.kernel: is on the machine's first disk"),
                      HasSubstr("disks = [{ image = \"debian:trixie\" }]")));
    EXPECT_THAT(refusal(head + "disks = [{ image = \"debian:trixie\" }]\n" +
                        "[vm.host]\nmemory = \"512MiB\"\nkernel = \"disk\"\nrootfs = \"demo\"\n"),
                HasSubstr("vm.host.rootfs: is given beside kernel"));
}

TEST(MachineReader, RefusesTooMuchMemory) {
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = \"1GiB\"\nkernel = \"debian:trixie\"\n"
                               "[vm.b]\nmemory = \"1GiB\"\nkernel = \"debian:trixie\"\n"),
                StartsWith("m.toml:9:10: vm.b.memory: 1GiB is too much: of the machine's 2GiB, only 960MiB is left"));
}

TEST(MachineReader, OneVmMayHaveTheMachinesDevices) {
    const auto machine = parse_machine(head + vm + "devices = \"all\"\n", "m.toml");
    ASSERT_TRUE(machine) << to_string(machine.error());
    EXPECT_EQ(machine->vms.front().devices, contract::DeviceSet::All);
    EXPECT_THAT(
        refusal(head + vm +
                "devices = \"all\"\n[vm.b]\nmemory = \"64MiB\"\nkernel = \"guest:probe\"\n"
                "devices = \"all\"\n"),
        AllOf(HasSubstr("vm.b.devices: alpha has all of the machine's devices already"), HasSubstr("Remove the key")));
    EXPECT_THAT(refusal(head + vm + "devices = \"some\"\n"), HasSubstr("is not one of virtual, all"));
    const auto with_group = parse_machine(head + vm + "devices = \"all\"\nmanager_group = 1000\n", "m.toml");
    ASSERT_TRUE(with_group) << with_group.error().what;
    EXPECT_EQ(with_group->vms.front().manager_group, 1000U);
    EXPECT_THAT(refusal(head + vm + "manager_group = 1000\n"), HasSubstr("manager_group: is only for the host"));
}

TEST(MachineReader, RefusesTwoVmsOfOneName) {
    EXPECT_THAT(refusal(head + vm + vm),
                AllOf(StartsWith("m.toml:10:"), HasSubstr("'vm.alpha'"), HasSubstr("defined twice"),
                      HasSubstr("Use a different name for each VM")));
}

TEST(MachineReader, RefusesWrongTypesAndRanges) {
    EXPECT_THAT(refusal(head + vm + "tee = \"yes\"\n"), HasSubstr("vm.alpha.tee: must be true, false or a table"));
    EXPECT_THAT(refusal(head + vm + "cmdline = 3\n"), HasSubstr("vm.alpha.cmdline: must be a string"));
    EXPECT_THAT(refusal(head + vm + "weight = 0\n"), HasSubstr("from 1 to 10000"));
    EXPECT_THAT(refusal(head + vm + "cpus = [0]\n"), HasSubstr("names 1 CPUs for 2 vCPUs"));
    EXPECT_THAT(refusal(head + vm + "cpus = [0, 2]\n"), HasSubstr("from 0 to 1"));
    EXPECT_THAT(refusal(head + vm + "io = \"whole\"\n"), HasSubstr("vm.alpha.io: is for VMs that a host makes"));
    EXPECT_THAT(
        refusal(head + vm + "variables = \"vars.fd\"\n"),
        HasSubstr("vm.alpha.variables: is for VMs that a host makes, whose programs keep them in a file. Describe "
                  "the VM in a file for trivisorctl"));
    EXPECT_THAT(refusal(head + vm + "on_crash = \"reboot\"\n"), HasSubstr("is not one of stop, restart, halt-machine"));
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = \"3MiB\"\nkernel = \"debian:trixie\"\n"), HasSubstr("Write 4MiB."));
    EXPECT_THAT(refusal(head + "[vm.a]\nmemory = 512\nkernel = \"debian:trixie\"\n"), HasSubstr("must be a string"));
    EXPECT_THAT(refusal(head + "[vm.A_b]\nmemory = \"64MiB\"\n"), HasSubstr("'A_b' is not a valid VM name"));
    EXPECT_THAT(refusal(head + "[vm.tee]\nmemory = \"64MiB\"\n"), HasSubstr("'tee' is reserved for a log"));
}

TEST(MachineReader, TakesACpuByEitherOfItsNames) {
    const auto cpu = [](const std::string& line) {
        return parse_machine("[machine]\nmemory = \"2GiB\"\n" + line + vm, "m.toml")->cpu;
    };
    EXPECT_EQ(cpu(""), "") << "the board's usual one";
    EXPECT_EQ(cpu("cpu = \"cortex-a76\"\n"), "cortex-a76");
    EXPECT_EQ(cpu("cpu = \"a76\"\n"), "cortex-a76");
    EXPECT_EQ(cpu("cpu = \"max\"\n"), "max");
    EXPECT_EQ(cpu("cpu = \"n1\"\nqemu = \"trixie\"\n"), "neoverse-n1");
    EXPECT_THAT(
        refusal("[machine]\nmemory = \"2GiB\"\ncpu = \"n1\"\n" + vm),
        HasSubstr("machine.cpu: the firmware needs the register CPUACTLR2_EL1 of neoverse-n1, which Debian 12's "
                  "QEMU lacks. Write qemu = \"trixie\" beside it."));
    for (const char* unknown : {"", "host", "a75"}) {
        EXPECT_THAT(refusal(std::string{"[machine]\nmemory = \"2GiB\"\ncpu = \""} + unknown + "\"\n" + vm),
                    HasSubstr(std::string{"machine.cpu: qemu-virt has no CPU '"} + unknown +
                              "'. Use one of cortex-a57, cortex-a53, cortex-a72, cortex-a76, neoverse-n1, max."));
    }
    EXPECT_THAT(refusal("[machine]\nplatform = \"zcu102\"\nmemory = \"2GiB\"\ncpu = \"a76\"\n" + vm),
                HasSubstr("machine.cpu: zcu102 has no CPU 'a76'. Use one of cortex-a53."));
}

TEST(MachineReader, TakesAQemuByItsName) {
    const std::string head = "[machine]\nmemory = \"2GiB\"\n";
    EXPECT_EQ(parse_machine(head + vm, "m.toml")->qemu, platform::QemuChoice::Installed);
    EXPECT_EQ(parse_machine(head + "qemu = \"trixie\"\n" + vm, "m.toml")->qemu, platform::QemuChoice::Trixie);
    EXPECT_THAT(refusal(head + "qemu = \"sid\"\n" + vm),
                HasSubstr("machine.qemu: 'sid' is not one of installed, trixie"));
}

TEST(MachineReader, RefusesWhatABoardDoesNotHave) {
    const std::string gicv2 = "[machine]\nplatform = \"qemu-virt-gicv2\"\nmemory = \"2GiB\"\n";
    EXPECT_THAT(refusal(gicv2 + "[vm.a]\nmemory = \"64MiB\"\nkernel = \"debian:trixie\"\ndevices = \"all\"\n"),
                HasSubstr("vm.a.devices: qemu-virt-gicv2 has a GICv2, which cannot be a host VM's yet"));
    const std::string board = "[machine]\nplatform = \"zcu102\"\nmemory = \"2GiB\"\n";
    EXPECT_THAT(refusal(board + "network = \"user\"\n" + vm), HasSubstr("machine.network: zcu102 has no bus for it"));
}

TEST(MachineReader, RefusesAnImpossibleMachine) {
    EXPECT_THAT(refusal("[machine]\ncpus = 6\nmemory = \"2GiB\"\n" + vm),
                HasSubstr("exceeds what OP-TEE supports on qemu-virt"));
    EXPECT_THAT(refusal("[machine]\ncpus = 9\nmemory = \"2GiB\"\n" + vm), HasSubstr("from 1 to 8"));
    EXPECT_THAT(refusal("[machine]\ncpus = 1\nmemory = \"512MiB\"\n" + vm), HasSubstr("512MiB is not possible"));
    EXPECT_THAT(refusal("[machine]\ncpus = 1\n" + vm), HasSubstr("machine.memory: is missing"));
    EXPECT_THAT(refusal("[machine]\nplatform = \"pi\"\nmemory = \"2GiB\"\n" + vm),
                HasSubstr("is not one of qemu-virt"));
    EXPECT_THAT(refusal(vm), HasSubstr("m.toml: machine: is missing"));
    EXPECT_THAT(refusal(head), HasSubstr("m.toml: vm: is missing"));
    EXPECT_THAT(refusal("vm = 3\n" + head), HasSubstr("must be a non-empty table"));
    EXPECT_THAT(refusal("[machine\n"), StartsWith("m.toml:1:"));
}

TEST(MachineReader, NamesAFileThatIsNotThere) {
    const auto machine = read_machine("nowhere.toml");
    ASSERT_FALSE(machine);
    EXPECT_EQ(exit_code(machine.error()), 2);
}

} // namespace
} // namespace trv::tool::machine
