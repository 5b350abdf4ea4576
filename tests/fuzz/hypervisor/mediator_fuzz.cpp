// SPDX-License-Identifier: Apache-2.0
// Two guests that do anything, above an OP-TEE that asks for anything: the model's invariants hold at each entry, pins
// balance at the end, and what a guest is shown holds no address and no cookie of ours.
//
// The input is a sequence of steps; each takes a few bytes. Guests share nothing but OP-TEE.

#include "input.hpp"
#include "tee/guest_driver.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace {

using namespace trv;
using namespace trv::test;
using namespace trv::tee::optee;

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "violated: %s\n", what);
        std::abort();
    }
}

/// Small, for many runs a second.
constexpr u64 guest_size = 2 * MiB;

/// Beside those of two partitions, one for each VM's applications and two common ones.
constexpr u32 few_address_spaces = 6;
/// That messages and scripts name: more than there are few address spaces.
constexpr u64 applications = 5;

using test::Input;

/// Numbers that are worth trying.
u64 interesting(Input& in) {
    constexpr u64 numbers[] = {
        0,        1,         8,          16,          4095,           4096,        4097,       511,        512,
        1024,     64 * 4096, 600 * 4096, 1024 * 4096, 1025 * 4096,    256 * 4096,  400 * 4096, 511 * 4096, 850 * 4096,
        1u << 31, 1ul << 32, 1ul << 52,  ~u64{0},     ~u64{0} - 4095, 0x4200'0000, 0x4000'0000};
    const u64 which = in.byte();
    return which < std::size(numbers) ? numbers[which] : which < 250 ? which * 16 : in.word();
}

/// Bytes of which few or many fit into OP-TEE's pool, or just do not fit where something else was.
u64 spreading(Input& in) {
    constexpr u64 pages[] = {1,   2,   3,   64,  128, 129, 200, 255, 256, 257,
                             319, 320, 425, 426, 511, 512, 513, 638, 639, 850};
    const u64 which = in.byte();
    return which < std::size(pages) * 8 ? pages[which % std::size(pages)] * page_size : in.byte() * page_size + 1;
}

Ipa address(Input& in) {
    const u64 which = in.byte();
    if (which < 220) {
        return GuestDriver::page(which % 96);
    }
    constexpr u64 others[] = {0x6000'0000, 0x6000'1000, 0x6000'2000, 0x4200'0000, 0, 0x900'0000, ~u64{0xfff}};
    return Ipa(others[which % std::size(others)]);
}

class Fuzzer {
  public:
    /// @param few  OP-TEE has few address spaces, and messages name more applications than that
    Fuzzer(Input& in, bool few) : in_(in), few_(few) {
        tee::optee::Sharing sharing{.partitions = 2, .vms = 2};
        if (few) {
            sharing.address_spaces = machine_.optee.address_spaces = few_address_spaces;
        }
        require(machine_.mediator.start(machine_arena, machine_.table, sharing).has_value(), "start");
        for (unsigned i = 0; i < 2; ++i) {
            admit(i);
        }
        for (u64 i = 0; i < (few ? applications : 1); ++i) {
            machine_.optee.applications[Uuid::from_words(1, 2 + i)] = false;
        }
        machine_.optee.application = [this](FakeOptee::Thread& thread) { play_application(thread); };
        machine_.optee.inside = [this] { scribble(*guests_[in_.below(2)]); };
    }

    void run() {
        for (unsigned steps = 0; !in_.empty() && steps < 400; ++steps) {
            step();
            check();
        }
        for (auto& guest : guests_) {
            guest->partition.reset();
            require(guest->pins() == 0, "pins at the end");
        }
        require(machine_.optee.lost_sessions == 0, "sessions that OP-TEE had when their VM was gone");
        require(machine_.optee.lost_applications == 0, "applications that OP-TEE had loaded when their VM was gone");
        check();
    }

  private:
    void admit(unsigned i) {
        GuestVm& guest = *guests_[i];
        PartitionConfig config;
        config.name = "vm";
        config.account = i;
        config.quotas = {4000, 12, 1280, 8, 3};
        auto partition = machine_.mediator.admit(config, guest, &guest);
        require(partition.has_value(), "admit");
        guest.partition = std::move(*partition);
        machine_.optee.model.bind(guest.partition->id(), guest.owner());
        tokens_[i].clear();
    }

    void check() {
        require(machine_.optee.violation.empty(), machine_.optee.violation.c_str());
        require(machine_.optee.model.check() == nullptr, "model at rest");
        for (auto& guest : guests_) {
            if (!guest->partition) {
                continue;
            }
            const Usage usage = guest->partition->usage();
            require(usage.core_mapped_pages <= 1280 && usage.pinned_pages <= 4000 && usage.buffers <= 12, "quotas");
            // Beside the buffers a slot may pin its argument, its RPC argument and a page of a list.
            require(guest->pins() >= usage.pinned_pages || usage.calls + usage.orphans != 0,
                    "every page counted is pinned");
            require(guest->pins() <= usage.pinned_pages + 3 * guest->partition->threads() + max_threads,
                    "nothing else is");
        }
    }

    void step() {
        const unsigned who = static_cast<unsigned>(in_.below(2));
        GuestVm& guest = *guests_[who];
        arch::fake_interrupt_pending = in_.below(4) == 0;
        switch (in_.below(10)) {
        case 0:
            write_message(guest);
            break;
        case 1:
            scribble(guest);
            break;
        case 2:
            write_list(guest);
            break;
        case 3:
        case 4:
            call(who);
            break;
        case 5:
            resume(who);
            break;
        case 6:
            fast(guest);
            break;
        case 7:
            script();
            break;
        case 8:
            machine_.mediator.notification_interrupt();
            break;
        default:
            if (few_ && in_.below(2) == 0) {
                open_session(guest);
            } else {
                life_cycle(who);
            }
            break;
        }
    }

    /// As an honest client with an honest supplicant.
    void open_session(GuestVm& guest) {
        GuestDriver driver(guest);
        driver.call(GuestDriver::open_message(Uuid::from_words(1, 2 + in_.below(applications))));
    }

    void write_message(GuestVm& guest) {
        GuestDriver driver(guest);
        GuestDriver::Message message{static_cast<u32>(in_.below(9)), {}, static_cast<u32>(in_.below(6))};
        const u64 count = in_.below(7);
        if (message.command == 0) {
            message.params.assign(2, {msg::ValueIn | msg::Meta, 1, 2 + (few_ ? in_.below(applications) : 0), 0});
        }
        while (message.params.size() < count) {
            message.params.push_back(param());
        }
        if (in_.below(16) == 0) {
            message.num_params = static_cast<u32>(interesting(in_));
        }
        driver.write(GuestDriver::page(in_.below(4) == 0 ? 24 : 1), message);
    }

    msg::Param param() {
        switch (in_.below(6)) {
        case 0:
            return {msg::ValueInOut, in_.byte(), 2, 3};
        case 1:
            return {msg::RmemInOut, interesting(in_), interesting(in_), in_.below(8)};
        case 2:
            return {msg::RmemIn, in_.byte(), in_.byte(), in_.below(8)};
        case 3:
            return {msg::TmemOut | msg::Noncontiguous, list_pointer(), interesting(in_), in_.below(8)};
        case 4:
            return {msg::TmemOut, address(in_).value, interesting(in_), in_.below(8)};
        default:
            return {interesting(in_), interesting(in_), interesting(in_), interesting(in_)};
        }
    }

    u64 list_pointer() {
        return in_.below(8) == 0 ? address(in_).value | in_.byte() : GuestDriver::lists.value | in_.below(2) * 8;
    }

    void write_list(GuestVm& guest) {
        const u64 first = in_.below(64);
        const u64 stride = in_.below(5);
        for (u64 i = 0; i < 3 * msg::list_entries; ++i) {
            const Ipa list = GuestDriver::lists + i / msg::list_entries * page_size;
            guest.at<u64>(list + i % msg::list_entries * 8) = GuestDriver::page(32 + (first + i * stride) % 480).value;
            guest.at<u64>(list + msg::list_next_offset) = list.value + page_size;
        }
        for (u64 lies = in_.below(3); lies != 0; --lies) {
            const u64 at = in_.byte() << 2 | in_.below(4);
            guest.at<u64>(GuestDriver::lists + at * 8) = address(in_).value | (in_.below(8) == 0 ? in_.byte() : 0);
        }
    }

    void scribble(GuestVm& guest) {
        constexpr u64 pages[] = {1, 24, 25, 2};
        const Ipa at = GuestDriver::page(pages[in_.below(4)]) + in_.below(48) * 8;
        guest.at<u64>(at) = in_.below(2) == 0 ? interesting(in_) : in_.below(8);
        scribbled_.insert(guest.at<u64>(at));
    }

    using Page = std::array<u64, page_size / 8>;
    static constexpr std::array<u64, 3> argument_pages = {1, 24, 25};

    /// What stands where the mediator writes.
    void remember(GuestVm& guest) {
        scribbled_.clear();
        for (std::size_t i = 0; i < argument_pages.size(); ++i) {
            before_[i] = guest.at<Page>(GuestDriver::page(argument_pages[i]));
        }
    }

    /// Nothing that it wrote is an address or a cookie of its own.
    void check_leaks(GuestVm& guest) {
        const auto& known = machine_.optee.memory_of(guest.partition->id());
        for (std::size_t i = 0; i < argument_pages.size(); ++i) {
            const Page& page = guest.at<Page>(GuestDriver::page(argument_pages[i]));
            for (std::size_t at = 0; at < page.size(); ++at) {
                // Bit 0 is the application's to flip, should the page be a buffer as well.
                if (page[at] != before_[i][at] && !scribbled_.contains(page[at]) &&
                    !scribbled_.contains(page[at] ^ 1) && page[at] != (before_[i][at] ^ 1)) {
                    require(!machine_ram.contains(Pa(page[at])) || was_there(page[at], before_[i][at]),
                            "an address in memory");
                    require(!known.contains(page[at]), "a cookie in memory");
                }
            }
        }
    }

    /// Cookies come back as the guest gave them, whatever they are; and a result takes half a word.
    [[nodiscard]] bool was_there(u64 word, u64 before) const {
        return static_cast<u32>(word) == static_cast<u32>(before) ||
               std::ranges::any_of(before_,
                                   [word](const Page& page) { return std::ranges::find(page, word) != page.end(); });
    }

    void call(unsigned who) {
        constexpr u32 forms[] = {abi::CallWithArg, abi::CallWithRpcArg, abi::CallWithRegdArg};
        const u32 form = forms[in_.below(3)];
        GuestVm& guest = *guests_[who];
        guest.forward_foreign = in_.below(2) == 0;
        GuestDriver driver(guest);
        const bool registered = form == abi::CallWithRegdArg;
        const u64 place = registered ? in_.below(8) : (in_.below(8) == 0 ? address(in_) : GuestDriver::page(1)).value;
        const u32 offset = registered ? static_cast<u32>(in_.byte() * 8) : 0;
        remember(guest);
        took(who, driver.start(form, place, offset));
    }

    void resume(unsigned who) {
        auto& tokens = tokens_[who];
        const u64 token = tokens.empty() || in_.below(8) == 0 ? in_.word() : tokens[in_.below(tokens.size())];
        GuestDriver driver(*guests_[who]);
        const u64 answer = in_.below(2) == 0 ? GuestDriver::rpc_page.value : address(in_).value | in_.byte();
        // An RPC argument that looks like an answer to SHM_ALLOC, wherever it may be.
        for (const u64 offset : {32U, 64U, 96U, 128U, 160U, 224U}) {
            if (in_.below(3) == 0) {
                for (const Ipa at :
                     {GuestDriver::page(1) + offset, GuestDriver::page(24) + offset, GuestDriver::rpc_page}) {
                    const u64 asked = driver.header(at).cmd == msg::rpc::ShmAlloc ? driver.param(at, 0).b : page_size;
                    driver.header(at) = {6, 0, 0, 0, 0, in_.below(4) == 0 ? 5U : 0U, 0, 1};
                    driver.param(at, 0) = {msg::TmemOut | (in_.below(4) == 0 ? 0 : msg::Noncontiguous), list_pointer(),
                                           in_.below(4) == 0 ? interesting(in_) : asked, in_.below(8)};
                }
            }
        }
        guests_[who]->forward_foreign = in_.below(2) == 0;
        remember(*guests_[who]);
        took(who, driver.resume(token, 0, answer, 0, 9));
    }

    /// What the guest sees in its registers.
    void took(unsigned who, const std::array<u64, 4>& x) {
        check_leaks(*guests_[who]);
        for (const u64 value : x) {
            require(value >> 32 == 0, "upper half of an answer");
        }
        if (abi::is_rpc(static_cast<u32>(x[0]))) {
            tokens_[who].push_back(x[3]);
            const u64 shown = abi::from_halves(x[1], x[2]);
            require(x[0] == abi::RpcAlloc || shown < machine_ram.base.value, "an address in registers");
        }
    }

    void fast(GuestVm& guest) {
        constexpr u32 functions[] = {abi::ExchangeCapabilities, abi::DisableShmCache,    abi::EnableShmCache,
                                     abi::EnableAsyncNotif,     abi::GetAsyncNotifValue, abi::VmDestroyed};
        guest.smc(functions[in_.below(std::size(functions))], in_.below(2));
    }

    FakeOptee::Rpc rpc() {
        switch (in_.below(8)) {
        case 0:
            return FakeOptee::foreign();
        case 1:
        case 2:
            return FakeOptee::allocate(spreading(in_));
        case 3:
            return FakeOptee::free_last();
        case 4: {
            FakeOptee::Rpc load = FakeOptee::command(0, {{msg::ValueIn, 1, 2, 3}, {msg::RmemOut, 0, 64, 0}});
            load.fill = [](FakeOptee::Thread& thread) {
                thread.rpc_param(1).c = thread.allocated.empty() ? 0 : thread.allocated.back();
            };
            return load;
        }
        case 5:
            return FakeOptee::command(static_cast<u32>(in_.below(26)), {{msg::ValueInOut, 1, 2, 3}});
        default:
            return FakeOptee::command(msg::rpc::Fs, {{msg::ValueInOut, 1, 2, 3}, {msg::TmemOut, 0, 8, 0}});
        }
    }

    void script() {
        FakeOptee& optee = machine_.optee;
        optee.next_script.clear();
        for (u64 count = in_.below(7); count != 0; --count) {
            optee.next_script.push_back(rpc());
        }
        if (in_.below(4) == 0) {
            optee.next_script.push_front(FakeOptee::allocate_argument());
            optee.next_script.push_back(FakeOptee::free_argument());
        }
        optee.script_any_command = in_.below(2) == 0;
        optee.next_ret = in_.below(8) == 0 ? 0xffff'000c : 0;
    }

    void play_application(FakeOptee::Thread& thread) {
        for (u32 i = 0; i < std::min(thread.header().num_params, msg::most_params); ++i) {
            const msg::Param param = thread.param(i);
            if (!msg::is_rmem(param.attr) || param.b == 0) {
                continue;
            }
            const auto found = thread.optee->memory_of(thread.id).find(param.c);
            require(found != thread.optee->memory_of(thread.id).end(), "OP-TEE does not know what it is given");
            *found->second.at(param.a) ^= 1;
            *found->second.at(param.a + param.b - 1) ^= 1;
        }
    }

    void life_cycle(unsigned who) {
        if (in_.below(8) != 0) {
            return;
        }
        machine_.optee.next_ret = 0; // an application that fails without a reason would count as one that stays
        guests_[who]->partition.reset();
        require(guests_[who]->pins() == 0, "pins after death");
        admit(who);
    }

    Input& in_;
    bool few_;
    TeeMachine machine_;
    std::array<std::unique_ptr<GuestVm>, 2> guests_{std::make_unique<GuestVm>(machine_, 0, guest_size),
                                                    std::make_unique<GuestVm>(machine_, 1, guest_size)};
    std::array<std::vector<u64>, 2> tokens_;
    std::array<Page, argument_pages.size()> before_{};
    std::set<u64> scribbled_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    // The length decides, so that bytes of older inputs keep their meaning.
    Input input(data, size);
    const auto fuzzer = std::make_unique<Fuzzer>(input, size % 2 == 1);
    fuzzer->run();
    return 0;
}
