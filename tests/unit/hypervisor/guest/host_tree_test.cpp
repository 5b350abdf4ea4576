// SPDX-License-Identifier: Apache-2.0
#include "guest/host_tree.hpp"
#include "host_machine.hpp"
#include "qemu_virt_tree.hpp"

#include <vector>

namespace trv::guest {
namespace {

using test::board;
using test::HostMachine;

class HostTreeTest : public testing::Test {
  public:
    HostTreeTest() {
        input.bootargs = "console=ttyAMA0";
        input.ram = ram;
        input.ramdisk = IpaRange{Ipa(0x4300'0000), MiB};
        input.vcpus = 2;
        input.mpidr = {0, 1};
        input.psci = Conduit::Smc;
        input.rng_seed = seed;
    }
    DeviceTree build(const HostMachine& host) {
        words.resize(host_tree_room(host.tree()) / 8);
        const std::span<u8> buffer(reinterpret_cast<u8*>(words.data()), words.size() * 8);
        const auto size = build_host_tree(buffer, host.filter(), host.resources().layout, input, write_service);
        EXPECT_TRUE(size);
        return DeviceTree::open(buffer.first(size.value())).value();
    }

    static void write_service(TreeWriter& tree) {
        tree.begin("firmware");
        tree.begin("service");
        tree.end();
        tree.end();
    }

    static constexpr IpaRange ram[] = {{Ipa(0x4220'0000), 512 * MiB}, {Ipa(0x1'0000'0000), GiB}};
    static constexpr u8 seed[] = {1, 2, 3, 4};
    HostMachine virt{test::qemu_virt_tree};
    TreeInput input;
    std::vector<u64> words;
};

TEST_F(HostTreeTest, HasTheHostsMemoryAndBootData) {
    const DeviceTree tree = build(virt);
    EXPECT_FALSE(tree.find("/memory@40000000"));
    const auto low = tree.find("/memory@42200000");
    ASSERT_TRUE(low);
    EXPECT_EQ(low->reg(tree.root(), 0), (PaRange{Pa(0x4220'0000), 512 * MiB}));
    EXPECT_EQ(tree.find("/memory@100000000")->reg(tree.root(), 0), (PaRange{Pa(0x1'0000'0000), GiB}));
    const auto chosen = tree.find("/chosen");
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->text_property("bootargs"), "console=ttyAMA0");
    EXPECT_EQ(chosen->text_property("stdout-path"), "/pl011@9000000");
    EXPECT_TRUE(std::ranges::equal(chosen->property("rng-seed")->bytes(), seed));
    EXPECT_FALSE(chosen->has("kaslr-seed"));
    EXPECT_FALSE(tree.find("/chosen/trivisor"));
    EXPECT_FALSE(tree.find("/secure-chosen"));
}

TEST_F(HostTreeTest, HasAVmsCpusAndFirmware) {
    const DeviceTree tree = build(virt);
    EXPECT_TRUE(tree.find("/cpus/cpu@1"));
    EXPECT_FALSE(tree.find("/cpus/cpu-map"));
    EXPECT_EQ(tree.find("/psci")->text_property("method"), "smc");
    EXPECT_TRUE(tree.find("/firmware/service"));
    EXPECT_FALSE(tree.find("/firmware/optee")) << "the machine's";
    EXPECT_EQ(tree.find("/timer")->property("interrupts")->cells(), 12U);
    EXPECT_TRUE(tree.find("/timer")->has("always-on"));
}

TEST_F(HostTreeTest, DevicesAreAsInTheMachine) {
    const DeviceTree tree = build(virt);
    for (const char* path : {"/virtio_mmio@a003e00", "/pl031@9010000", "/pl061@9030000", "/gpio-keys/poweroff",
                             "/flash@4000000", "/pl011@9000000", "/apb-pclk"}) {
        const auto copy = tree.find(path);
        const auto original = virt.tree().find(path);
        ASSERT_TRUE(copy) << path;
        original->for_each_property([&](std::string_view name) {
            const auto property = copy->property(name.data());
            ASSERT_TRUE(property) << path << " " << name;
            EXPECT_TRUE(std::ranges::equal(property->bytes(), original->property(name.data())->bytes())) << path;
        });
    }
    EXPECT_EQ(tree.root().text_property("model"), "linux,dummy-virt");
}

TEST_F(HostTreeTest, PciHasNoMessageInterruptsAndNoIommu) {
    const DeviceTree tree = build(virt);
    const auto pcie = tree.find("/pcie@10000000");
    ASSERT_TRUE(pcie);
    EXPECT_FALSE(pcie->has("msi-map"));
    EXPECT_FALSE(pcie->has("iommu-map"));
    EXPECT_TRUE(pcie->has("interrupt-map"));
    EXPECT_TRUE(pcie->has("dma-coherent"));
    EXPECT_FALSE(tree.find("/smmuv3@9050000"));
}

TEST_F(HostTreeTest, TheInterruptControllerIsABareGic) {
    const DeviceTree tree = build(virt);
    const auto gic = tree.find("/intc@8000000");
    ASSERT_TRUE(gic);
    EXPECT_EQ(gic->u32_property("phandle"), 0x8003U);
    EXPECT_EQ(gic->u32_property("#address-cells"), 2U) << "interrupt-map counts on it";
    EXPECT_FALSE(gic->has("interrupts"));
    EXPECT_EQ(tree.translated_reg(*gic, 1), (PaRange{Pa(0x80a'0000), 0xf6'0000}));
    EXPECT_TRUE(gic->children().begin() == gic->children().end());
}

TEST_F(HostTreeTest, TheAgentsPortIsASecondUartBehindTheFirst) {
    const DeviceTree tree = build(virt);
    std::vector<std::string> ports;
    for (const DeviceNode node : tree.root().children()) {
        if (node.is_compatible("arm,pl011")) {
            ports.emplace_back(node.name());
        }
    }
    ASSERT_EQ(ports.size(), 2U);
    EXPECT_EQ(ports[0], "pl011@9000000");
    const auto agent = tree.find("/" + ports[1]);
    EXPECT_EQ(tree.translated_reg(*agent, 0)->base.value, virt.resources().layout.agent.value);
    EXPECT_EQ(agent->property("interrupts")->cell(1), virt.resources().layout.agent_intid - 32);
    EXPECT_TRUE(agent->has("clocks"));
}

TEST_F(HostTreeTest, AliasesOfNodesThatAreLeftOutGo) {
    const HostMachine host(board("", R"(aliases { serial0 = "/soc/serial@f0000000"; cpu0 = "/cpus/cpu@0"; };)"));
    const DeviceTree tree = build(host);
    const auto aliases = tree.find("/aliases");
    ASSERT_TRUE(aliases);
    EXPECT_TRUE(aliases->has("serial0"));
    EXPECT_FALSE(aliases->has("cpu0"));
}

TEST_F(HostTreeTest, MemoryIsInTheRootsCells) {
    const HostMachine host(board(""));
    const DeviceTree tree = build(host);
    EXPECT_EQ(tree.find("/memory@42200000")->reg(tree.root(), 0), (PaRange{Pa(0x4220'0000), 512 * MiB}));
    EXPECT_EQ(tree.find("/chosen")->text_property("stdout-path"), "/soc/serial@f0000000");
}

TEST_F(HostTreeTest, ABufferThatIsTooSmallIsAnError) {
    alignas(8) std::array<u8, 1024> buffer{};
    EXPECT_EQ(build_host_tree(buffer, virt.filter(), virt.resources().layout, input, write_service).error(),
              Error::NoMemory);
}

} // namespace
} // namespace trv::guest
