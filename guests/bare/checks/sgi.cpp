// SPDX-License-Identifier: Apache-2.0
// Software-generated interrupts: to itself, to another vCPU, to all others.

#include "guests/bare/checks/checks.hpp"
#include "guests/bare/checks/interrupt_wait.hpp"
#include "guests/bare/lib/cpu.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::checks {
namespace {

constexpr u32 test_sgi = 5;
constexpr u32 leave_sgi = 6;

/// What the other vCPUs have received, by vCPU.
struct Receivers {
    std::atomic<u32> count[max_vcpus];
    std::atomic<u32> wrong[max_vcpus];
    std::atomic<bool> ready[max_vcpus];
};

void receive(void* object) {
    auto& receivers = *static_cast<Receivers*>(object);
    const unsigned self = this_cpu().index;
    gic::reset_cpu();
    gic::enable(test_sgi);
    gic::enable(leave_sgi);
    receivers.ready[self].store(true);
    for (;;) {
        const u32 intid = wait_for_interrupt();
        gic::complete(intid);
        if (intid == leave_sgi) {
            return;
        }
        (intid == test_sgi ? receivers.count : receivers.wrong)[self].fetch_add(1);
    }
}

void check_self() {
    gic::reset();
    gic::send_sgi(test_sgi, 1);
    check_equal("an SGI that is off does not arrive", gic::acknowledge(), gic::nothing_pending);
    check("but it is pending", gic::is_pending(test_sgi), "not pending");
    gic::enable(test_sgi);
    check_equal("once it is on it arrives", gic::acknowledge(), test_sgi);
    check("acknowledged it is active", gic::is_active(test_sgi) && !gic::is_pending(test_sgi), "not so");
    gic::send_sgi(test_sgi, 1);
    check("sent again it is pending and active", gic::is_active(test_sgi) && gic::is_pending(test_sgi), "not so");
    check_equal("but not signalled", gic::acknowledge(), gic::nothing_pending);
    gic::complete(test_sgi);
    check_equal("until the first is completed", gic::acknowledge(), test_sgi);
    gic::complete(test_sgi);
    gic::send_sgi(test_sgi, 1);
    gic::send_sgi(test_sgi, 1);
    check_equal("sent twice it arrives", gic::acknowledge(), test_sgi);
    gic::complete(test_sgi);
    check_equal("once", gic::acknowledge(), gic::nothing_pending);
    gic::send_sgi(test_sgi, 0x8000);
    gic::send_sgi_to_others(test_sgi);
    check_equal("an SGI to a vCPU that does not exist, or to others, does not arrive here", gic::acknowledge(),
                gic::nothing_pending);
}

bool wait_for_count(const std::atomic<u32>& count, u32 wanted) {
    return wait_until([&] { return count.load() >= wanted; });
}

void check_others(Receivers& receivers) {
    const unsigned last = cpu_count() - 1;
    constexpr u32 rounds = 100;
    bool all = true;
    for (u32 i = 1; i <= rounds && all; ++i) {
        gic::send_sgi(test_sgi, static_cast<u16>(1U << last));
        all = wait_for_count(receivers.count[last], i);
    }
    check("100 SGIs to another vCPU arrive one by one", all, "only {}", receivers.count[last].load());

    gic::send_sgi_to_others(test_sgi);
    unsigned reached = 0;
    for (unsigned i = 1; i < cpu_count(); ++i) {
        reached += wait_for_count(receivers.count[i], i == last ? rounds + 1 : 1) ? 1 : 0;
    }
    check_equal("an SGI to all others reaches them", reached, last);

    gic::send_sgi(test_sgi, static_cast<u16>((1U << cpu_count()) - 1));
    reached = 0;
    for (unsigned i = 1; i < cpu_count(); ++i) {
        reached += wait_for_count(receivers.count[i], i == last ? rounds + 2 : 2) ? 1 : 0;
    }
    check_equal("an SGI to a list reaches all in it", reached, last);
    check_equal("and the sender", gic::acknowledge(), test_sgi);
    gic::complete(test_sgi);
}

} // namespace

void sgi(std::string_view) {
    check_self();
    if (cpu_count() < 2) {
        print("only one vCPU: no target to send to\n");
        return;
    }
    static constinit Receivers receivers{};
    bool started = true;
    for (unsigned i = 1; i < cpu_count(); ++i) {
        receivers.count[i].store(0);
        receivers.wrong[i].store(0);
        receivers.ready[i].store(false);
        started = started && start_cpu(i, receive, &receivers) == psci::Status::Success &&
                  wait_until([i] { return receivers.ready[i].load(); });
    }
    check("all other vCPUs run", started, "not all could be switched on");
    check_others(receivers);
    gic::send_sgi_to_others(leave_sgi);
    for (unsigned i = 1; i < cpu_count(); ++i) {
        check("a receiver leaves", wait_until_off(i), "vCPU {} is still on", i);
        check_equal("nothing else arrived", receivers.wrong[i].load(), 0);
    }
}

} // namespace trv::bare::checks
