// SPDX-License-Identifier: Apache-2.0
// What a VM's sessions take of OP-TEE: address spaces, and applications that stay loaded.

#include "tee/optee/tables/applications.hpp"
#include "tee/optee/tables/sessions.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trv::tee::optee {
namespace {

bool takes(AddressSpaces& spaces, unsigned account) {
    return spaces.take(account) != AddressSpaces::From::None;
}

TEST(OpenSessions, AreBounded) {
    Sessions sessions(nullptr, 0);
    ASSERT_TRUE(sessions.create(2));
    EXPECT_TRUE(sessions.reserve());
    EXPECT_TRUE(sessions.reserve());
    EXPECT_FALSE(sessions.reserve());
    sessions.opened(7, true);
    sessions.cancel();
    EXPECT_TRUE(sessions.reserve());
    sessions.opened(7, true); // OP-TEE gave a number again whose end we missed
    EXPECT_EQ(sessions.count(), 1U);
    EXPECT_FALSE(sessions.begin_close(9));
    EXPECT_TRUE(sessions.begin_close(7));
    EXPECT_FALSE(sessions.begin_close(7)) << "by another call at the same time";
    EXPECT_EQ(sessions.count(), 0U);
    EXPECT_TRUE(sessions.reserve());
    EXPECT_FALSE(sessions.reserve()) << "one that is being closed still counts";
    sessions.cancel();
    EXPECT_TRUE(sessions.reserve());
}

TEST(OpenSessions, TakeAddressSpacesUntilTheyAreClosed) {
    AddressSpaces spaces;
    spaces.start({.address_spaces = 5, .vms = 2}); // three are left: one for each VM, and one for both
    {
        Sessions alpha(&spaces, 0);
        Sessions beta(&spaces, 1);
        ASSERT_TRUE(alpha.create(100));
        ASSERT_TRUE(beta.create(100));
        EXPECT_TRUE(alpha.reserve());
        EXPECT_TRUE(alpha.reserve());
        EXPECT_FALSE(alpha.reserve()) << "the last is beta's";
        alpha.opened(3, true);
        alpha.opened(3, true); // OP-TEE gave a number again whose end we missed
        EXPECT_EQ(alpha.count(), 1U);
        EXPECT_TRUE(beta.reserve());
        EXPECT_TRUE(beta.reserve());
        EXPECT_FALSE(beta.reserve());
        beta.cancel();
        beta.opened(1, true);
        beta.lose_all();
        EXPECT_TRUE(alpha.reserve());
        ASSERT_TRUE(alpha.begin_close(3));
        EXPECT_FALSE(alpha.reserve()) << "a session that is being closed has its address space";
        alpha.cancel();
        EXPECT_TRUE(alpha.reserve());
    }
    EXPECT_TRUE(takes(spaces, 0)) << "VMs that end give back all";
    EXPECT_TRUE(takes(spaces, 0));
    EXPECT_TRUE(takes(spaces, 1));
    EXPECT_FALSE(takes(spaces, 1));
}

TEST(OpenSessions, AreLostWithTheirDriver) {
    Sessions sessions(nullptr, 0);
    ASSERT_TRUE(sessions.create(3));
    EXPECT_FALSE(sessions.take_lost());
    for (const u32 session : {7U, 8U}) {
        ASSERT_TRUE(sessions.reserve());
        sessions.opened(session, true);
    }
    ASSERT_TRUE(sessions.reserve());
    sessions.lose_all();
    sessions.opened(9, false); // by a call that was under way
    EXPECT_EQ(sessions.count(), 3U);
    EXPECT_FALSE(sessions.reserve());
    std::set<u32> taken;
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(sessions.has_lost());
        taken.insert(sessions.take_lost().value().session);
        EXPECT_FALSE(sessions.reserve()) << "until it is closed";
        EXPECT_FALSE(sessions.begin_close(7));
    }
    EXPECT_EQ(taken, (std::set<u32>{7, 8, 9}));
    EXPECT_FALSE(sessions.has_lost());
    sessions.cancel();
    EXPECT_TRUE(sessions.reserve());
}

TEST(OpenSessions, ThatProbeNeedNoShare) {
    AddressSpaces spaces;
    spaces.start({.address_spaces = 4, .vms = 2}); // one for each VM
    Sessions alpha(&spaces, 0);
    ASSERT_TRUE(alpha.create(1));
    ASSERT_TRUE(alpha.reserve()); // a session that does not close
    EXPECT_FALSE(alpha.reserve());
    for (u32 i = 0; i <= max_threads; ++i) {
        alpha.fetched_beside(Uuid::from_words(i, 0));
    }
    for (u32 call = 0; call < max_threads; ++call) {
        EXPECT_TRUE(alpha.reserve_probe()) << call;
    }
    EXPECT_FALSE(alpha.reserve_probe()) << "more than there are calls";
    EXPECT_TRUE(takes(spaces, 1)) << "beta's";
    alpha.cancel();
    for (u32 call = 0; call < max_threads; ++call) {
        alpha.opened(call, false, call);
    }
    EXPECT_EQ(alpha.count(), max_threads);
}

TEST(OpenSessions, LeaveTheirAddressSpaceToAnApplicationThatMayStay) {
    AddressSpaces spaces;
    spaces.start({.address_spaces = 3}); // two
    Sessions sessions(&spaces, 0);
    ASSERT_TRUE(sessions.create(10));
    const auto open = [&](u32 name, u32 session) {
        const Uuid uuid = Uuid::from_words(name, 0);
        const std::optional<u32> application = sessions.reserve(uuid);
        if (application) {
            sessions.opened(session, true, sessions.fetched(*application, uuid));
        }
        return application.has_value();
    };
    const auto close = [&](u32 session) { sessions.cancel(sessions.begin_close(session).value()); };
    ASSERT_TRUE(open(1, 1));
    EXPECT_FALSE(sessions.has_doubts());
    close(1);
    ASSERT_TRUE(open(2, 2));
    EXPECT_TRUE(sessions.has_doubts()) << "it uses more than its own one";
    EXPECT_FALSE(open(3, 3));
    ASSERT_TRUE(open(1, 1)) << "its address space was kept for it";
    close(1);
    close(2);
    EXPECT_FALSE(open(3, 3));
    std::optional<Applications::Probe> probe = sessions.reserve_probe();
    ASSERT_TRUE(probe);
    EXPECT_EQ(probe->uuid, Uuid::from_words(1, 0));
    sessions.cancel(probe->application);
    sessions.probed(probe->uuid, false);
    probe = sessions.reserve_probe();
    ASSERT_TRUE(probe);
    EXPECT_EQ(probe->uuid, Uuid::from_words(2, 0));
    sessions.opened(9, false, probe->application);
    sessions.probed(probe->uuid, true);
    sessions.cancel(sessions.take_lost().value().application);
    EXPECT_FALSE(sessions.reserve_probe());
    EXPECT_FALSE(sessions.has_doubts());
    ASSERT_TRUE(open(3, 3));
    EXPECT_FALSE(open(4, 4)) << "the second one stayed";
    probe = sessions.reserve_probe();
    ASSERT_TRUE(probe) << "a refusal is a reason to look again";
    EXPECT_EQ(probe->uuid, Uuid::from_words(2, 0));
    sessions.cancel(probe->application);
}

u32 take_all(AddressSpaces& spaces, unsigned account) {
    u32 taken = 0;
    while (takes(spaces, account)) {
        ++taken;
    }
    return taken;
}

TEST(SharedAddressSpaces, AreAllOfAVmThatIsAlone) {
    AddressSpaces spaces;
    spaces.start({});
    EXPECT_EQ(spaces.most(), 63U);
    EXPECT_EQ(take_all(spaces, 0), 63U);
    spaces.give_back(0);
    EXPECT_TRUE(takes(spaces, 0));
}

TEST(SharedAddressSpaces, AreHalfOwnAndHalfCommon) {
    struct Case {
        u32 all;
        u32 vms;
        u32 own;
        u32 most;
    };
    for (const auto [all, vms, own, most] : {Case{64, 2, 15, 47}, Case{64, 4, 7, 39}, Case{127, 2, 31, 94},
                                             Case{127, 4, 15, 78}, Case{127, 8, 7, 70}, Case{127, 16, 3, 66}}) {
        AddressSpaces spaces;
        spaces.start({.address_spaces = all, .vms = vms});
        EXPECT_EQ(spaces.most(), most) << vms;
        EXPECT_EQ(take_all(spaces, 0), most) << vms;
        u32 sum = most + vms;
        for (unsigned vm = 1; vm < vms; ++vm) {
            const u32 taken = take_all(spaces, vm);
            EXPECT_EQ(taken, own) << "each is sure of its part";
            sum += taken;
        }
        EXPECT_LE(sum, all);
    }
}

TEST(SharedAddressSpaces, VmsThatHaveNoPartitionTakeNoPart) {
    AddressSpaces spaces;
    spaces.start({.partitions = 2, .vms = 4});
    EXPECT_EQ(spaces.most(), 47U) << "as of two";
    EXPECT_EQ(take_all(spaces, 0), 47U);
    EXPECT_EQ(take_all(spaces, 1), 15U);
    for (const unsigned vm : {0U, 1U}) {
        spaces.keep(vm, 16);
        EXPECT_TRUE(spaces.may_start(vm)) << "as of two";
    }
}

TEST(SharedAddressSpaces, AreKeptForVmsThatTheHostMakes) {
    AddressSpaces spaces;
    spaces.start({.address_spaces = 127, .partitions = 8, .vms = 2, .host_makes_vms = true});
    EXPECT_EQ(take_all(spaces, 0), 19U + 62U);
    EXPECT_EQ(take_all(spaces, 1), 19U);
    EXPECT_EQ(take_all(spaces, AddressSpaces::hosts_account), 19U) << "before the first of them is made";
    EXPECT_EQ(2 * 19U + 19 + 62 + 8, 127U) << "and one for each partition";
    EXPECT_EQ(spaces.most(), 81U) << "however many the host makes";
}

TEST(SharedAddressSpaces, OfAllVmsThatTheHostMakesAreOneAccount) {
    AddressSpaces spaces;
    spaces.start({.partitions = 8, .vms = 2, .host_makes_vms = true}); // 56: 9 each, and 29
    spaces.keep(0, 5);
    EXPECT_EQ(take_all(spaces, AddressSpaces::hosts_account), 38U);
    spaces.give_back(AddressSpaces::hosts_account, 38);
    for (int vm = 0; vm < 100; ++vm) { // one after the other, each of which leaves what it can
        const u32 loaded = take_all(spaces, AddressSpaces::hosts_account);
        spaces.keep(AddressSpaces::hosts_account, loaded);
        spaces.give_back(AddressSpaces::hosts_account, loaded);
    }
    EXPECT_EQ(spaces.kept(AddressSpaces::hosts_account), 38U);
    EXPECT_FALSE(spaces.may_start(AddressSpaces::hosts_account));
    EXPECT_TRUE(spaces.may_start(0)) << "its allowance is as before";
    EXPECT_EQ(spaces.kept(0), 5U);
    EXPECT_EQ(take_all(spaces, 0), 4U) << "the rest of its part";
    EXPECT_EQ(take_all(spaces, 1), 9U);
}

TEST(SharedAddressSpaces, CountWhatAVmLeftLoaded) {
    AddressSpaces spaces;
    spaces.start({.address_spaces = 12, .vms = 2}); // two each, and six for both
    spaces.keep(0, 7);
    EXPECT_EQ(spaces.kept(0), 7U);
    EXPECT_TRUE(takes(spaces, 0));
    EXPECT_FALSE(takes(spaces, 0));
    EXPECT_TRUE(takes(spaces, 1));
    EXPECT_TRUE(takes(spaces, 1));
    EXPECT_FALSE(takes(spaces, 1));
    spaces.take_in_any_case(1);
    spaces.give_back(1);
    EXPECT_FALSE(takes(spaces, 1));
}

TEST(SharedAddressSpaces, NoVmLeavesAllLoaded) {
    for (const auto [vms, allowed] : {std::pair(1U, 16U), std::pair(2U, 16U), std::pair(4U, 8U)}) {
        AddressSpaces spaces;
        spaces.start({.vms = vms});
        spaces.keep(0, allowed);
        EXPECT_TRUE(spaces.may_start(0)) << vms;
        spaces.keep(0, 1);
        EXPECT_FALSE(spaces.may_start(0)) << vms;
        spaces.keep(0, 1000);
        EXPECT_TRUE(spaces.may_start(1)) << "whatever the other one left";
    }
}

TEST(LoadedApplications, HaveOneAddressSpaceWithoutASession) {
    Applications applications;
    for (u32 i = 0; i < Applications::most; ++i) {
        EXPECT_TRUE(applications.fetched_beside(Uuid::from_words(i, 0)));
        EXPECT_FALSE(applications.fetched_beside(Uuid::from_words(i, 0))) << "it is known";
    }
    EXPECT_EQ(applications.idle(), Applications::most);
    EXPECT_TRUE(applications.fetched_beside(Uuid::from_words(1000, 0)));
    EXPECT_EQ(applications.idle(), Applications::most + 1) << "also if there is no place for its name";
    const Applications::Known fifth = applications.begin(Uuid::from_words(5, 0));
    EXPECT_TRUE(fifth.has_space);
    EXPECT_EQ(applications.idle(), Applications::most);
    EXPECT_FALSE(applications.begin(Uuid::from_words(5, 0)).has_space) << "the first session has it";
    EXPECT_FALSE(applications.end(fifth.application));
    EXPECT_EQ(applications.missing(fifth.application), Applications::unknown);
    EXPECT_EQ(applications.begin(Uuid::from_words(5, 0)).application, Applications::unknown);
    std::set<u32> probed;
    while (const std::optional<Applications::Probe> probe = applications.begin_probe()) {
        probed.insert(probe->application);
        EXPECT_FALSE(applications.probed(probe->uuid, false)) << "while it has a session";
        EXPECT_TRUE(applications.end(probe->application));
        EXPECT_TRUE(applications.probed(probe->uuid, false));
        EXPECT_FALSE(applications.probed(probe->uuid, false));
    }
    EXPECT_EQ(probed.size(), Applications::most - 1);
    EXPECT_EQ(applications.idle(), 1U) << "the one without a name";
    EXPECT_EQ(applications.doubtful(), 1U);
}

TEST(LoadedApplications, AreProbedAgainOnceTheyWereFetchedOrDoubted) {
    Applications applications;
    const Uuid uuid = Uuid::from_words(1, 2);
    (void)applications.fetched_beside(uuid);
    EXPECT_FALSE(applications.probed(uuid, true));
    EXPECT_FALSE(applications.begin_probe());
    (void)applications.fetched_beside(uuid);
    EXPECT_EQ(applications.doubtful(), 1U);
    EXPECT_FALSE(applications.probed(uuid, true));
    EXPECT_EQ(applications.doubtful(), 0U);
    applications.doubt();
    ASSERT_TRUE(applications.begin_probe());
    EXPECT_FALSE(applications.begin_probe()) << "by another call at the same time";
}

} // namespace
} // namespace trv::tee::optee
