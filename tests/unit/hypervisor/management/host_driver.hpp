// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine whose host's driver, and the programs behind it, are the tests.

#include "../vm/host_machine.hpp"
#include "contract/manager.hpp"
#include "management/host_service.hpp"
#include "management/monitor_commands.hpp"
#include "tee/optee/abi/message.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/uuid.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace trv::management {

namespace interface = contract::manager;
namespace abi = tee::optee::abi;
namespace msg = tee::optee::msg;
using interface::Command;
using tee::optee::Uuid;
using tee::optee::msg::TeeResult;

inline constexpr Uuid root_uuid = Uuid::from_fields(0xef01'80a3, 0x13f3, 0x5d1c, 0xb7f5'888c'0e21'059a);
/// Of "gid=3e8".
inline constexpr Uuid group_uuid = Uuid::from_fields(0x0ece'43ed, 0x001d, 0x51bd, 0xbab7'480c'8954'c3cf);
inline constexpr u32 success = 0;
[[nodiscard]] constexpr u32 number(TeeResult result) {
    return static_cast<u32>(result);
}

class HostManagerTest : public vm::HostVmTest {
  public:
    using Registers = std::array<u64, 18>;

    /// @param prepare changes the host's description
    explicit HostManagerTest(void (*prepare)(machine::VmDescription&) = [](machine::VmDescription&) {}) {
        descriptions[0].manager_group = group_uuid.bytes;
        prepare(descriptions[0]);
        start_manager();
        add_monitor_commands(*manager);
        add_power_off_command(*manager);
        service.emplace(*manager, *machine);
        manager->offer_to_host(*service);
    }
    ~HostManagerTest() override {
        play(0);
        manager.reset();
    }
    /// The host runs, and its driver has probed.
    void start_host() {
        boot_and_load();
        probe();
    }

    /// Until nothing is left to do, also for VMs that are being forgotten.
    void rest() {
        for (unsigned turn = 0; turn < 20; ++turn) {
            settle();
            arch::fake_ticks += 3 * vm::millisecond;
            for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
                enter(cpu);
            }
        }
        play(0);
    }

    // Calls.

    [[nodiscard]] tee::SecureService& optee() { return *vm("host").services().find(vm::ServiceKind::Optee); }
    Registers smc(u64 x0, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0) {
        Registers x{x0, x1, x2, x3};
        EXPECT_EQ(optee().call(x, 0).kind, tee::Outcome::Kind::Done);
        return x;
    }
    virtual void before_probe() {}
    void probe() {
        before_probe();
        smc(abi::ExchangeCapabilities);
        smc(abi::EnableAsyncNotif);
        EXPECT_EQ(register_pages(argument_cookie, arguments, 16), success);
    }

    // The host's memory: at its physical addresses.

    static constexpr Ipa lists{bank.base.value + 8 * MiB};
    static constexpr Ipa registering{bank.base.value + 8 * MiB + 16 * page_size}; ///< an argument
    static constexpr Ipa arguments{bank.base.value + 8 * MiB + 32 * page_size};   ///< registered, a page for each
    static constexpr Ipa memory_base{bank.base.value + 9 * MiB};                  ///< of tests
    static constexpr u64 argument_cookie = 0xffff'0000'8000'1000;

    template <typename T>
    [[nodiscard]] static T& at(Ipa ipa) {
        return *memory::direct_map<T>(Pa(ipa.value));
    }

    /// @return TEE_Result, or the SMC's code
    u32 register_list(u64 cookie, const std::vector<Ipa>& pages, u64 size) {
        for (u64 i = 0; i < pages.size(); ++i) {
            const Ipa list = lists + i / msg::list_entries * page_size;
            at<u64>(list + i % msg::list_entries * 8) = pages[i].value;
            at<u64>(list + msg::list_next_offset) = list.value + page_size;
        }
        return message({msg::Command::RegisterShm}, {{msg::TmemOut | msg::Noncontiguous, lists.value, size, cookie}});
    }
    u32 register_pages(u64 cookie, Ipa first, u64 count) {
        std::vector<Ipa> pages;
        for (u64 i = 0; i < count; ++i) {
            pages.push_back(first + i * page_size);
        }
        return register_list(cookie, pages, count * page_size);
    }
    u32 unregister(u64 cookie) { return message({msg::Command::UnregisterShm}, {{msg::RmemIn, 0, 0, cookie}}); }

    struct Head {
        msg::Command command;
        u32 func = 0;
        u32 session = 0;
    };
    static void write_message(Ipa place, const Head& head, const std::vector<msg::Param>& params) {
        at<msg::Header>(place) = {static_cast<u32>(head.command), head.func, head.session, 0, 0, 0xdead, 0xbeef,
                                  static_cast<u32>(params.size())};
        for (u32 i = 0; i < params.size(); ++i) {
            at<msg::Param>(place + msg::param_offset(i)) = params[i];
        }
    }
    /// In a page of its own.
    u32 message(const Head& head, const std::vector<msg::Param>& params) {
        write_message(registering, head, params);
        const Registers x = smc(abi::CallWithRpcArg, abi::high_half(registering.value), registering.value);
        return x[0] != 0 ? static_cast<u32>(x[0]) : at<msg::Header>(registering).ret;
    }

    // A program.

    struct Program {
        u32 session = 0;
        Ipa in;  ///< 64 KiB
        Ipa out; ///< the same
        u64 cookie = 0;
    };
    static constexpr u64 room = 64 * KiB;
    static constexpr u64 out_offset = 1 * MiB; ///< in front of it is room for the largest piece

    u32 open(u32& session, u32 login, const Uuid& client, const Uuid& application = Uuid{interface::uuid}) {
        const auto name = std::bit_cast<std::array<u64, 2>>(application);
        const auto who = std::bit_cast<std::array<u64, 2>>(client);
        const Ipa place = arguments;
        write_message(
            place, {msg::Command::OpenSession},
            {{msg::ValueIn | msg::Meta, name[0], name[1], 0}, {msg::ValueIn | msg::Meta, who[0], who[1], login}});
        const Registers x = smc(abi::CallWithRegdArg, abi::high_half(argument_cookie), abi::low_half(argument_cookie));
        session = at<msg::Header>(place).session;
        return x[0] != 0 ? static_cast<u32>(x[0]) : at<msg::Header>(place).ret;
    }
    Program program() {
        Program p;
        EXPECT_EQ(open(p.session, msg::login_user, root_uuid), success);
        p.in = memory_base + programs * (2 * MiB);
        p.out = p.in + out_offset;
        p.cookie = 0x1000 + programs++;
        EXPECT_EQ(register_pages(p.cookie, p.in, (out_offset + room) / page_size), success);
        return p;
    }
    void close(u32 session) {
        write_message(arguments, {msg::Command::CloseSession, 0, session}, {});
        smc(abi::CallWithRegdArg, abi::high_half(argument_cookie), abi::low_half(argument_cookie));
    }

    /// A call in the argument page `slot`, which may wait.
    struct Call {
        u32 slot = 0;
        u32 token = 0;
        bool waits = false;
        u32 result = 0;
    };
    Call begin(const Program& p, u32 func, const std::vector<msg::Param>& params, u32 slot = 0) {
        const Ipa place = arguments + slot * page_size;
        write_message(place, {msg::Command::InvokeCommand, func, p.session}, params);
        const Registers x = smc(abi::CallWithRegdArg, abi::high_half(argument_cookie), abi::low_half(argument_cookie),
                                slot * page_size);
        return ended(x, slot);
    }
    Call resume(const Call& call) { return ended(smc(abi::ReturnFromRpc, 0, 0, call.token), call.slot); }
    Call ended(const Registers& x, u32 slot) {
        Call call{slot, static_cast<u32>(x[3]), abi::is_rpc(static_cast<u32>(x[0])), static_cast<u32>(x[0])};
        if (x[0] == abi::Ok) {
            call.result = at<msg::Header>(arguments + slot * page_size).ret;
        }
        return call;
    }
    [[nodiscard]] msg::Param& param(u32 i, u32 slot = 0) {
        return at<msg::Param>(arguments + slot * page_size + msg::param_offset(i));
    }
    /// What the call asks the driver for.
    [[nodiscard]] msg::Param& request(u32 params, u32 slot = 0) {
        return at<msg::Param>(arguments + slot * page_size + msg::size_of(params) + msg::param_offset(0));
    }
    u32 invoke(const Program& p, Command command, const std::vector<msg::Param>& params) {
        const Call call = begin(p, static_cast<u32>(command), params);
        EXPECT_FALSE(call.waits);
        return call.result;
    }

    // Commands.

    static msg::Param value(u64 a, u64 b = 0, u64 c = 0) { return {msg::ValueInOut, a, b, c}; }
    static msg::Param value_in(u64 a, u64 b = 0, u64 c = 0) { return {msg::ValueIn, a, b, c}; }
    msg::Param in(const Program& p, std::string_view text) {
        std::memcpy(&at<char>(p.in), text.data(), text.size());
        return {msg::RmemIn, 0, text.size(), p.cookie};
    }
    static msg::Param out(const Program& p, u64 size = room) { return {msg::RmemOut, out_offset, size, p.cookie}; }
    std::string said(const Program& p, u32 i) { return {&at<char>(p.out), param(i).b}; }

    std::string monitor(const Program& p, std::string_view line) {
        EXPECT_EQ(invoke(p, Command::Monitor, {in(p, line), out(p)}), success);
        return said(p, 1);
    }
    static std::string tree(const std::string& label, const std::string& more = {}, u64 kernel = 1 * MiB,
                            u64 memory_size = 16 * MiB) {
        test::Dts dts("/ { vm@7 { compatible = \"trivisor,vm\"; label = \"" + label + "\"; memory-size = /bits/ 64 <" +
                      std::to_string(memory_size) + ">; vcpus = <1>; kernel = /bits/ 64 <0 " + std::to_string(kernel) +
                      ">; " + more + "}; };");
        const std::span<u8> bytes = dts.bytes();
        return {bytes.begin(), bytes.end()};
    }
    struct Made {
        u64 handle = 0;
        u64 number = 0;
    };
    static u64 console_of(const Made& vm) { return contract::console_channel(static_cast<unsigned>(vm.number)); }
    u32 create(const Program& p, const std::string& blob, Made& made, u64 wishes = 0) {
        const u32 result = invoke(p, Command::Create, {in(p, blob), value(wishes), out(p)});
        made = {param(1).a, param(1).b};
        return result;
    }
    Made create(const Program& p, const std::string& label, u64 wishes = 0) {
        Made made;
        EXPECT_EQ(create(p, tree(label), made, wishes), success) << said(p, 2);
        return made;
    }
    u32 load(const Program& p, u64 handle, interface::Image image, u64 offset, std::string_view bytes) {
        return invoke(p, Command::Load, {value_in(handle, static_cast<u64>(image), offset), in(p, bytes)});
    }
    /// An arm64 Image of 1 MiB, in two pieces.
    static std::string kernel() {
        std::string image(1 * MiB, 'k');
        std::memset(image.data(), 0, 64);
        const u64 size = image.size();
        const u64 flags = 0xa;
        std::memcpy(&image[16], &size, 8);
        std::memcpy(&image[24], &flags, 8);
        std::memcpy(&image[56], "ARM\x64", 4);
        return image;
    }
    void load_kernel(const Program& p, u64 handle) {
        const std::string image = kernel();
        EXPECT_EQ(load(p, handle, interface::Image::Kernel, 0, std::string_view(image).substr(0, 100'000)), success);
        EXPECT_EQ(load(p, handle, interface::Image::Kernel, 100'000, std::string_view(image).substr(100'000)), success);
    }
    u32 start(const Program& p, u64 handle) { return invoke(p, Command::Start, {value_in(handle), out(p)}); }
    u32 forget(const Program& p, std::string_view name) { return invoke(p, Command::Forget, {in(p, name)}); }
    /// A VM that runs.
    Made run(const Program& p, const std::string& label, u64 wishes = 0) {
        const Made made = create(p, label, wishes);
        load_kernel(p, made.handle);
        EXPECT_EQ(start(p, made.handle), success) << said(p, 1);
        rest();
        return made;
    }
    u32 read(const Program& p, u64 channel, u64 size = room) {
        return invoke(p, Command::Read, {value(channel), out(p, size)});
    }
    std::string read_all(const Program& p, u64 channel) {
        EXPECT_EQ(read(p, channel), success);
        return said(p, 1);
    }
    /// The guest writes to its first PL011.
    void print(std::string_view label, std::string_view text) {
        const Ipa place = guest::usual_layout.console;
        for (const char c : text) {
            (void)vm(label)
                .devices()
                .bus()
                .find(place, 1, 0)
                ->device->write({.offset = 0, .size = 1, .vcpu = 0}, static_cast<u8>(c));
        }
    }
    void destroy(std::string_view label) {
        vm(label).request_stop(vm::StopReason::Destroyed);
        rest();
    }
    /// Notifications that the driver has not fetched.
    std::vector<u32> notifications() {
        std::vector<u32> values;
        for (;;) {
            const Registers x = smc(abi::GetAsyncNotifValue);
            if ((x[2] & abi::notification_valid) == 0) {
                return values;
            }
            values.push_back(static_cast<u32>(x[1]));
        }
    }

    std::optional<HostService> service;
    u64 programs = 0;
};

} // namespace trv::management
