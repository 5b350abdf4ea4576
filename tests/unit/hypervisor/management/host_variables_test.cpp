// SPDX-License-Identifier: Apache-2.0
// What a VM's firmware has in its flash, as programs of the host keep it.

#include "host_driver.hpp"

#include <gmock/gmock.h>

namespace trv::management {
namespace {

using testing::HasSubstr;

constexpr u64 flash_size = interface::variables_size;
constexpr u64 piece = interface::largest_variables_piece;
constexpr u32 bad_parameters = number(TeeResult::BadParameters);
constexpr u32 not_found = number(TeeResult::ItemNotFound);
constexpr u32 busy = number(TeeResult::Busy);

class HostVariablesTest : public HostManagerTest {
  public:
    HostVariablesTest() { start_host(); }

    Made create_with_firmware(const Program& p, u64 wishes = interface::persistent) {
        Made made;
        EXPECT_EQ(create(p, tree("guest", "firmware-size = <0x1000>; "), made, wishes), success) << said(p, 2);
        load_kernel(p, made.handle);
        return made;
    }
    void start_guest(const Program& p, const Made& made) {
        EXPECT_EQ(start(p, made.handle), success) << said(p, 1);
        rest();
    }
    u32 read_variables(const Program& p, u64 handle, u64 offset = 0, u64 size = piece, u64 kept = 0) {
        return invoke(p, Command::ReadVariables, {value(handle, offset, kept), out(p, size)});
    }
    /// How many changes there were; without reading any.
    u64 changes(const Program& p, u64 handle, u64 kept = 0) {
        EXPECT_EQ(read_variables(p, handle, 0, 0, kept), success);
        EXPECT_EQ(param(1).b, 0U);
        return param(0).b;
    }
    std::string content(const Program& p, u64 handle, u64 offset, u64 size = 4) {
        EXPECT_EQ(read_variables(p, handle, offset, size), success);
        return said(p, 1);
    }
    u32 write_variables(const Program& p, u64 handle, u64 offset, std::string_view bytes) {
        return invoke(p, Command::WriteVariables, {value_in(handle, offset), in(p, bytes)});
    }
    /// A guest changes its flash and ends, while `keeper` has kept nothing of it, so that `other` cannot forget it.
    Made end_with_a_change(const Program& keeper, const Program& other) {
        const Made made = create_with_firmware(keeper);
        start_guest(keeper, made);
        EXPECT_EQ(changes(keeper, made.handle), 0U);
        program_word(0, 0);
        destroy("guest");
        EXPECT_EQ(forget(other, "guest"), busy);
        return made;
    }
    /// The guest's own driver.
    void program_word(u64 offset, u32 word) {
        vdev::MmioDevice& flash = *vm("guest").devices().bus().find(guest::flash_base, 4, 0)->device;
        (void)flash.write({.offset = 0, .size = 4, .vcpu = 0}, 0x0040'0040);
        (void)flash.write({.offset = offset, .size = 4, .vcpu = 0}, word);
        (void)flash.write({.offset = 0, .size = 4, .vcpu = 0}, 0x00ff'00ff);
    }
    std::string as_guest(u64 offset) {
        const auto leaf = vm("guest").memory().stage2().lookup(guest::flash_base + offset);
        return leaf ? std::string(memory::direct_map<char>(leaf->pa), 4) : "";
    }
};

const std::string erased(4, '\xff');

TEST_F(HostVariablesTest, AreWrittenBeforeTheVmStartsAndReadWhileItRuns) {
    const Program p = program();
    const Made made = create_with_firmware(p);
    EXPECT_EQ(content(p, made.handle, flash_size - 4), erased);
    EXPECT_EQ(write_variables(p, made.handle, flash_size - 8, "boot"), success);
    EXPECT_EQ(changes(p, made.handle), 0U) << "of the guest";
    start_guest(p, made);
    EXPECT_EQ(as_guest(flash_size - 8), "boot");
    EXPECT_EQ(write_variables(p, made.handle, 0, "late"), busy);
    program_word(0x100, 0x3472'6f77);
    EXPECT_EQ(changes(p, made.handle), 1U);
    EXPECT_EQ(content(p, made.handle, 0x100), "wor4");
    EXPECT_EQ(content(p, made.handle, 0), erased);
}

TEST_F(HostVariablesTest, OutliveTheVmUntilItIsForgotten) {
    const Program p = program();
    const Balance before = balance();
    const Made made = create_with_firmware(p);
    start_guest(p, made);
    program_word(0, 0x3472'6f77);
    destroy("guest");
    EXPECT_EQ(content(p, made.handle, 0), "wor4");
    start_guest(p, made);
    EXPECT_EQ(as_guest(0), "wor4") << "as after a computer was switched off";
    destroy("guest");
    EXPECT_EQ(write_variables(p, made.handle, 4, "more"), success) << "it does not exist";
    EXPECT_EQ(changes(p, made.handle, 1), 1U);
    EXPECT_EQ(forget(p, "guest"), success);
    rest();
    EXPECT_EQ(read_variables(p, made.handle), not_found);
    EXPECT_EQ(write_variables(p, made.handle, 0, "x"), not_found);
    EXPECT_EQ(balance(), before);
    const Made next = create_with_firmware(p);
    EXPECT_EQ(content(p, next.handle, 0), erased) << "nothing of the one before";
}

TEST_F(HostVariablesTest, AVmIsForgottenWhenItsLastChangesAreKept) {
    const Program p = program();
    const Program q = program();
    const Made made = end_with_a_change(p, q);
    EXPECT_EQ(changes(p, made.handle, 0), 1U);
    EXPECT_EQ(forget(q, "guest"), busy);
    EXPECT_EQ(changes(p, made.handle, 1), 1U);
    EXPECT_EQ(forget(q, "guest"), success);
}

TEST_F(HostVariablesTest, AVmIsForgottenWhenNoSessionIsLeftThatKeepsThem) {
    const Program p = program();
    const Program q = program();
    const Made made = end_with_a_change(p, q);
    close(p.session);
    EXPECT_EQ(changes(q, made.handle), 1U) << "the next one finds what the last one did not keep";
    close(q.session);
    EXPECT_EQ(forget(program(), "guest"), success);
}

TEST_F(HostVariablesTest, AVmThatEndsWithItsSessionWaitsForNone) {
    const Program p = program();
    const Balance before = balance();
    const Made made = create_with_firmware(p, 0);
    start_guest(p, made);
    EXPECT_EQ(changes(p, made.handle), 0U);
    program_word(0, 0);
    close(p.session);
    rest();
    EXPECT_EQ(balance(), before);
}

TEST_F(HostVariablesTest, AreOneSessionsAtATime) {
    const Program p = program();
    const Program q = program();
    const Made made = create_with_firmware(p);
    EXPECT_EQ(changes(p, made.handle), 0U);
    EXPECT_EQ(read_variables(q, made.handle), busy);
    EXPECT_EQ(write_variables(q, made.handle, 0, "x"), busy);
    EXPECT_EQ(content(p, made.handle, 0), erased);
    close(p.session);
    EXPECT_EQ(write_variables(q, made.handle, 0, "mine"), success);
    EXPECT_EQ(content(q, made.handle, 0), "mine");
}

TEST_F(HostVariablesTest, ArePiecesWithinTheFlash) {
    const Program p = program();
    const Made made = create_with_firmware(p);
    EXPECT_EQ(read_variables(p, made.handle, 0, room), success);
    EXPECT_EQ(param(1).b, piece);
    EXPECT_EQ(read_variables(p, made.handle, flash_size - 1000, room), success);
    EXPECT_EQ(param(1).b, 1000U) << "as much as there is";
    for (const u64 offset : {flash_size, flash_size + 1, ~u64{0}, u64{1} << 63}) {
        EXPECT_EQ(read_variables(p, made.handle, offset), bad_parameters) << offset;
        EXPECT_EQ(param(1).b, 0U);
        EXPECT_EQ(write_variables(p, made.handle, offset, "x"), bad_parameters) << offset;
        EXPECT_EQ(write_variables(p, made.handle, offset, ""), bad_parameters) << offset;
    }
    EXPECT_EQ(write_variables(p, made.handle, flash_size - 3, "four"), bad_parameters);
    EXPECT_EQ(content(p, made.handle, flash_size - 4), erased) << "nothing of it was written";
    EXPECT_EQ(write_variables(p, made.handle, flash_size - 4, "four"), success);
    EXPECT_EQ(write_variables(p, made.handle, 0, std::string(piece + 1, 'x')), bad_parameters);
    EXPECT_EQ(write_variables(p, made.handle, 0, ""), success);
    EXPECT_EQ(content(p, made.handle, 0), erased);
}

TEST_F(HostVariablesTest, OfVmsWithoutFirmwareAreNotFound) {
    const Program p = program();
    const Made made = create(p, "plain");
    EXPECT_EQ(read_variables(p, made.handle), not_found);
    EXPECT_EQ(write_variables(p, made.handle, 0, "x"), not_found);
    for (const u64 handle : {u64{0}, made.handle + 1, ~u64{0}}) {
        EXPECT_EQ(read_variables(p, handle), not_found);
        EXPECT_EQ(write_variables(p, handle, 0, "x"), not_found);
    }
    EXPECT_EQ(forget(p, "plain"), success);
}

TEST_F(HostVariablesTest, ANumberOfChangesThatNeverWereKeepsNoOtherVm) {
    const Program p = program();
    const Made made = create_with_firmware(p);
    EXPECT_EQ(changes(p, made.handle, ~u64{0}), 0U);
    EXPECT_EQ(forget(p, "guest"), busy) << "as it did not keep them";
    const Made plain = create(p, "plain");
    EXPECT_EQ(forget(p, "plain"), success);
    EXPECT_NE(plain.handle, made.handle);
    close(p.session);
    EXPECT_EQ(forget(program(), "guest"), success);
}

} // namespace
} // namespace trv::management
