// What a VM's kernel finds in its memory: the seeds of its tree. life_cycle_test.cpp has the rest.

#include "lib/device_tree.hpp"
#include "vm_machine.hpp"

namespace trv::vm {
namespace {

class GuestSeeds : public VmTest {
  public:
    /// /chosen of the tree that the VM was started with.
    DeviceNode chosen(std::string_view label) {
        const Ipa tree(vm(label).vcpu(0).registers().x[0]);
        const u8* const bytes = memory::direct_map<u8>(vm(label).memory_at(tree)->pa);
        const auto size =
            DeviceTree::total_size(std::span<const u8, DeviceTree::header_size>(bytes, DeviceTree::header_size));
        return DeviceTree::open({bytes, size.value()})->find("/chosen").value();
    }
    std::string rng_seed(std::string_view label) {
        const std::span<const u8> bytes = chosen(label).property("rng-seed").value().bytes();
        return {bytes.begin(), bytes.end()};
    }
};

class GuestSeedsOfAMachineWithASeed : public GuestSeeds {
  public:
    void before_vms() override {
        std::array<u8, 32> seed{};
        seed.fill(0x5a);
        manager->random().seed(seed);
    }
};

TEST_F(GuestSeeds, AreNoneWhereTheMachineHasNone) {
    describe("alpha");
    boot_and_load();
    EXPECT_FALSE(chosen("alpha").has("rng-seed"));
}

TEST_F(GuestSeedsOfAMachineWithASeed, DifferFromVmToVm) {
    describe("alpha");
    describe("beta");
    boot_and_load();
    EXPECT_EQ(rng_seed("alpha").size(), 32U);
    EXPECT_NE(rng_seed("alpha"), rng_seed("beta"));
}

TEST_F(GuestSeedsOfAMachineWithASeed, DifferFromStartToStart) {
    describe("alpha");
    boot_and_load();
    const std::string rng = rng_seed("alpha");
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    EXPECT_NE(rng_seed("alpha"), rng);
}

} // namespace
} // namespace trv::vm
