// SPDX-License-Identifier: Apache-2.0
#include "contract/virtio.hpp"
#include "host/devices/backend_process.hpp"
#include "host/devices/disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trv::host::devices {
namespace {

using testing::Contains;
using testing::HasSubstr;

TEST(SandboxedBackends, SeeTheirImageAndTheirSocketAlone) {
    const Household household{
        .vm = "a", .folder = "/run/trivisor/a", .sandboxed = true, .service = "trivisor-vm@a.service"};
    const auto plan = plan_disk({.image = "/srv/a.img"}, 1, 2, household.folder);
    const auto arguments = sandboxed(plan, household, "trivisor-io-a-disk1.service");
    EXPECT_EQ(arguments.front(), "systemd-run");
    EXPECT_THAT(arguments, Contains("--property=BindPaths=/srv/a.img"));
    EXPECT_THAT(arguments, Contains("--property=BindPaths=/run/trivisor/a"));
    EXPECT_THAT(arguments, Contains("--property=User=trivisor-io"));
    EXPECT_THAT(arguments, Contains("--property=PrivateNetwork=yes"));
    EXPECT_THAT(arguments, Contains("--property=BindsTo=trivisor-vm@a.service"));
    const auto program = std::ranges::find(arguments, "--");
    ASSERT_NE(program, arguments.end());
    EXPECT_EQ(*std::next(program), "qemu-storage-daemon");
    EXPECT_THAT(arguments.back(), HasSubstr("addr.path=/run/trivisor/a/disk1.sock"));
}

TEST(Disks, ShareTheBank) {
    std::vector<BackendPlan> plans;
    for (unsigned count = 1; count <= 8; ++count) {
        plans.clear();
        std::uint64_t requests = 0;
        for (unsigned index = 0; index < count; ++index) {
            plans.push_back(plan_disk({.image = "/srv/a.img"}, index, count, "/run"));
            requests += plans.back().memory;
        }
        const auto size = bank_size(plans);
        EXPECT_LT(requests, size) << count;
        EXPECT_LE(size, contract::virtio::largest_bank) << count;
        EXPECT_EQ(size % contract::virtio::bank_step, 0U) << count;
    }
}

TEST(Disks, AreReadOnlyOrOfAnotherFormatIfTheDescriptionSaysSo) {
    const auto plan =
        plan_disk({.image = "/srv/a.img", .format = tool::machine::DiskFormat::Qcow2, .read_only = true}, 0, 1, "/run");
    EXPECT_THAT(plan.arguments, Contains(HasSubstr("driver=qcow2,node-name=disk,file=file,read-only=on")));
    EXPECT_THAT(plan.arguments, Contains(HasSubstr("writable=off")));
}

} // namespace
} // namespace trv::host::devices
