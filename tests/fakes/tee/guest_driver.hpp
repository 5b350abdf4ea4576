// SPDX-License-Identifier: Apache-2.0
#pragma once
// A driver in a guest, as Linux' is, with a place for every lie.

#include "tee/tee_machine.hpp"

namespace trv::test {

using namespace tee;
using namespace tee::optee;

class GuestDriver {
  public:
    explicit GuestDriver(GuestVm& guest) : vm(guest) {}

    using Result4 = std::array<u64, 4>;

    [[nodiscard]] static constexpr Ipa page(u64 n) { return GuestVm::base + n * page_size; }
    // Pages that the driver uses for itself; tests have those from 32 on.
    static constexpr Ipa private_argument = GuestVm::base + 1 * page_size;
    static constexpr Ipa lists = GuestVm::base + 2 * page_size;       ///< up to 20 pages of lists
    static constexpr Ipa registered = GuestVm::base + 24 * page_size; ///< registered for arguments as `argument_cookie`
    static constexpr Ipa rpc_page = GuestVm::base + 25 * page_size;   ///< handed out on ALLOC
    static constexpr u64 argument_cookie = 0xffff'0000'8000'1000;
    static constexpr u64 rpc_cookie = 0xffff'0000'8000'2000;

    struct Message {
        u32 command = 0;
        std::vector<msg::Param> params;
        u32 session = 0;
        u32 func = 0;
        std::optional<u32> num_params = std::nullopt; ///< the lie
    };

    void write(Ipa at, const Message& message) {
        const u32 count = message.num_params.value_or(static_cast<u32>(message.params.size()));
        vm.at<msg::Header>(at) = {message.command, message.func, message.session, 0, 0, 0xdead, 0xbeef, count};
        for (u32 i = 0; i < message.params.size(); ++i) {
            vm.at<msg::Param>(at + msg::param_offset(i)) = message.params[i];
        }
    }
    [[nodiscard]] msg::Header& header(Ipa at) { return vm.at<msg::Header>(at); }
    [[nodiscard]] msg::Param& param(Ipa at, u32 i) { return vm.at<msg::Param>(at + msg::param_offset(i)); }

    Result4 start(u32 function, u64 place, u64 a3 = 0) {
        return vm.smc(function, abi::high_half(place), abi::low_half(place), a3);
    }
    Result4 resume(u64 token, u64 a1 = 0, u64 a2 = 0, u64 a4 = 0, u64 a5 = 0) {
        return vm.smc(abi::ReturnFromRpc, a1, a2, token, a4, a5);
    }

    /// Answers what the call asks for until it ends. @return its code
    u32 finish(Result4 x, Ipa argument, u32 num_params) {
        while (abi::is_rpc(static_cast<u32>(x[0]))) {
            rpcs.push_back(static_cast<u32>(x[0]));
            switch (x[0]) {
            case abi::RpcAlloc:
                x = resume(x[3], alloc_answer >> 32, alloc_answer & 0xffff'ffff, rpc_cookie >> 32,
                           rpc_cookie & 0xffff'ffff);
                break;
            case abi::RpcFree:
                freed.push_back(abi::from_halves(x[1], x[2]));
                x = resume(x[3]);
                break;
            case abi::RpcForeignInterrupt:
                if (on_foreign) {
                    on_foreign();
                }
                x = resume(x[3]);
                break;
            default: {
                const u64 cookie = abi::from_halves(x[1], x[2]);
                const Ipa at = cookie == rpc_cookie ? rpc_page : argument + msg::size_of(num_params);
                commands.push_back(header(at).cmd);
                if (header(at).cmd == msg::rpc::LoadTa && serves_applications) {
                    header(at).ret = 0; // there it is
                }
                if (on_command) {
                    on_command(at);
                }
                x = resume(x[3]);
            }
            }
        }
        return static_cast<u32>(x[0]);
    }

    /// Through the private page.
    u32 call(const Message& message, u32 form = abi::CallWithRpcArg) {
        write(private_argument, message);
        return finish(start(form, private_argument.value), private_argument, static_cast<u32>(message.params.size()));
    }
    /// In registered memory.
    u32 call_registered(const Message& message, u32 offset = 0) {
        write(registered + offset, message);
        return finish(start(abi::CallWithRegdArg, argument_cookie, offset), registered + offset,
                      static_cast<u32>(message.params.size()));
    }

    /// A list of pages, as Linux makes it. @return what goes into buf_ptr
    u64 make_list(const std::vector<Ipa>& pages, u64 offset = 0) {
        for (u64 i = 0; i < pages.size(); ++i) {
            const Ipa list = lists + i / msg::list_entries * page_size;
            vm.at<u64>(list + i % msg::list_entries * 8) = pages[i].value;
            vm.at<u64>(list + msg::list_next_offset) = list.value + page_size;
        }
        return lists.value | offset;
    }
    static std::vector<Ipa> pages_from(Ipa first, u64 count) {
        std::vector<Ipa> pages;
        for (u64 i = 0; i < count; ++i) {
            pages.push_back(first + i * page_size);
        }
        return pages;
    }
    static Message register_message(u64 buf_ptr, u64 size, u64 cookie) {
        return {4, {{msg::TmemOut | msg::Noncontiguous, buf_ptr, size, cookie}}};
    }
    /// @return the TEE_Result, or the code of a call that failed as such
    u32 register_shm(u64 cookie, const std::vector<Ipa>& pages, u64 size, u64 offset = 0) {
        const u32 code = call(register_message(make_list(pages, offset), size, cookie));
        return code != 0 ? code : header(private_argument).ret;
    }
    u32 register_pages(u64 cookie, Ipa first, u64 count) {
        return register_shm(cookie, pages_from(first, count), count * page_size);
    }
    u32 unregister_shm(u64 cookie) {
        const u32 code = call({5, {{msg::RmemIn, 0, 0, cookie}}});
        return code != 0 ? code : header(private_argument).ret;
    }
    /// As Linux does when it probes.
    void probe() {
        vm.smc(abi::ExchangeCapabilities, 0);
        if (register_pages(argument_cookie, registered, 1) != 0) {
            std::abort();
        }
    }
    static Message open_message(const Uuid& application, std::vector<msg::Param> params = {}) {
        Message message{0, {}};
        const auto words = std::bit_cast<std::array<u64, 2>>(application);
        message.params = {{msg::ValueIn | msg::Meta, words[0], words[1], 0}, {msg::ValueIn | msg::Meta, 0, 0, 0}};
        message.params.insert(message.params.end(), params.begin(), params.end());
        return message;
    }
    /// @return the session
    u32 open(const Uuid& application) {
        if (call_registered(open_message(application)) != 0 || header(registered).ret != 0) {
            std::abort();
        }
        return header(registered).session;
    }

    GuestVm& vm;
    std::function<void(Ipa)> on_command;
    std::function<void()> on_foreign;
    std::vector<u32> rpcs;
    std::vector<u32> commands;
    std::vector<u64> freed;
    u64 alloc_answer = rpc_page.value;
    bool serves_applications = true;
};

inline constexpr Uuid hello = Uuid::from_fields(0x8aaa'f200, 0x2450, 0x11e4, 0xabe2'0002'a5d5'c51b);

} // namespace trv::test
