// SPDX-License-Identifier: Apache-2.0
// A VM that starts from firmware: what lies where, and how writes to its flash come to the device.

#include "trap/handlers.hpp"
#include "vm_machine.hpp"

namespace trv::vm {
namespace {

class FirmwareVm : public VmTest {
  public:
    static constexpr u32 firmware_size = 1 * MiB;
    static constexpr u64 erased = 0xffff'ffff;

    FirmwareVm() {
        machine::VmDescription& description = describe("alpha");
        description.firmware_size = firmware_size;
        description.ramdisk = ramdisk_file;
        description.bootargs = "quiet";
    }
    void start() {
        boot_and_load();
        enter(0);
    }

    [[nodiscard]] Result<memory::Stage2::Leaf> leaf(Ipa ipa) { return vm("alpha").memory().stage2().lookup(ipa); }
    /// The vCPU's access, as stage 2 refuses it while the flash is memory (a permission fault) and while it is not.
    void store_to_flash(u64 offset, u64 value) {
        constexpr u64 translation = 0x06, permission = 0x0e;
        constexpr u64 word_from_x1 = u64{1} << 24 | u64{2} << 22 | u64{1} << 16 | u64{1} << 6;
        Vcpu& vcpu = vm("alpha").vcpu(0);
        vcpu.registers().x[1] = value;
        const Ipa ipa = guest::flash_base + offset;
        const bool is_memory = leaf(guest::flash_base).has_value();
        arch::fake_guest_store_address = ipa;
        const u64 syndrome = u64{0x24} << 26 | u64{1} << 25 | word_from_x1 | (is_memory ? permission : translation);
        trap::handle_data_abort(vcpu, {syndrome, ipa.value, is_memory ? 0 : ipa.value >> 12 << 4});
    }
    [[nodiscard]] u64 load_from_flash(u64 offset) {
        u32 word = 0;
        std::memcpy(&word, memory::direct_map(leaf(guest::flash_base + offset)->pa), sizeof word);
        return word;
    }
    void program(u64 offset, u32 word) {
        store_to_flash(0, 0x0040'0040);
        store_to_flash(offset, word);
        store_to_flash(0, 0x00ff'00ff);
    }
};

TEST_F(FirmwareVm, StartsAtAddress0WithTheTreeAtTheStartOfRam) {
    start();
    Vcpu& vcpu = vm("alpha").vcpu(0);
    EXPECT_EQ(vcpu.registers().pc, 0U);
    EXPECT_EQ(vcpu.registers().x[0], guest::ram_base.value);
    const auto first = leaf(Ipa(0));
    ASSERT_TRUE(first);
    EXPECT_EQ(first->access, memory::Access::ReadWriteExecute);
    EXPECT_EQ(std::memcmp(memory::direct_map(first->pa), memory::direct_map(kernel_file.base), firmware_size), 0);
    EXPECT_EQ(*memory::direct_map(first->pa + firmware_size), std::byte{0}) << "nothing of the kernel, nor of others";
    EXPECT_FALSE(leaf(Ipa(2 * MiB)));
    EXPECT_TRUE(tree_of("alpha").find("/flash@4000000"));
    EXPECT_TRUE(tree_of("alpha").find("/fw-cfg@9003000"));
}

TEST_F(FirmwareVm, FindsKernelAndCommandLine) {
    start();
    const auto* const window = vm("alpha").devices().bus().find(guest::fw_cfg_base, 4, 0);
    ASSERT_NE(window, nullptr);
    const auto read = [&](u16 item) {
        (void)window->device->write({.offset = 8, .size = 2, .vcpu = 0}, __builtin_bswap16(item));
        return window->device->read({.offset = 0, .size = 4, .vcpu = 0}).value;
    };
    EXPECT_EQ(read(0x08), kernel_file.size - firmware_size);
    EXPECT_EQ(read(0x11), 0x5a5a'5a5aU);
    EXPECT_EQ(read(0x0b), ramdisk_file.size);
    EXPECT_EQ(read(0x12), 0xa5a5'a5a5U);
    EXPECT_EQ(read(0x14), 6U);
    EXPECT_EQ(read(0x15), 0x6569'7571U);
}

TEST_F(FirmwareVm, ReadsItsFlashAsMemoryAndWritesCommands) {
    start();
    ASSERT_TRUE(leaf(guest::flash_base));
    EXPECT_EQ(leaf(guest::flash_base)->access, memory::Access::ReadOnly);
    EXPECT_EQ(load_from_flash(0x100), erased);
    store_to_flash(0, 0x0070'0070);
    EXPECT_FALSE(leaf(guest::flash_base)) << "each read comes to the device";
    store_to_flash(0, 0x00ff'00ff);
    EXPECT_TRUE(leaf(guest::flash_base));
    program(0x100, 0x1234'5678);
    EXPECT_EQ(load_from_flash(0x100), 0x1234'5678U);
}

TEST_F(FirmwareVm, KeepsItsVariablesWhenItReboots) {
    start();
    program(0x100, 0x1234'5678);
    store_to_flash(0, 0x0090'0090);
    vm("alpha").request_stop(StopReason::Reset);
    settle();
    EXPECT_EQ(load_from_flash(0x100), 0x1234'5678U);
    EXPECT_EQ(vm("alpha").vcpu(0).registers().pc, 0U);
}

TEST_F(FirmwareVm, GivesItsFlashBack) {
    describe("beta"); // the machine goes on
    boot();
    settle();
    const Balance with = balance();
    vm("alpha").request_stop(StopReason::Destroyed);
    settle();
    EXPECT_EQ(find("alpha"), nullptr);
    EXPECT_EQ(with.vmids - balance().vmids, 1U);
    (void)manager->start("alpha");
    settle();
    EXPECT_EQ(balance(), with);
    program(0x100, 0);
    vm("alpha").request_stop(StopReason::Destroyed);
    settle();
    (void)manager->start("alpha");
    settle();
    EXPECT_EQ(load_from_flash(0x100), erased) << "another life has other variables";
}

TEST_F(FirmwareVm, AnAddressThatItsTablesRefuseIsAnAbort) {
    start();
    arch::fake_guest_store_address.reset();
    Vcpu& vcpu = vm("alpha").vcpu(0);
    arch::fake_guest_vector_base = 0x4000'0000;
    constexpr u64 store_with_permission_fault = u64{0x24} << 26 | u64{1} << 25 | u64{1} << 24 | u64{1} << 6 | 0x0e;
    trap::handle_data_abort(vcpu, {store_with_permission_fault, guest::flash_base.value, 0});
    EXPECT_GE(vcpu.registers().pc, arch::fake_guest_vector_base);
}

} // namespace
} // namespace trv::vm
