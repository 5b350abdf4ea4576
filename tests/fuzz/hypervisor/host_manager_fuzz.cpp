// SPDX-License-Identifier: Apache-2.0
// A host whose driver and programs do anything: they make VMs, load, start, wait, read and forget, with handles, sessions,
// tokens, cookies and lists of their own or made up. After each step the host's pins are those that its registrations
// explain; when all sessions are closed, frames, VMIDs and the heap are as at the start.

#include "../../unit/hypervisor/management/host_driver.hpp"
#include "input.hpp"

#include <cstdio>
#include <cstdlib>
#include <set>

namespace {

using namespace trv;
using namespace trv::management;
namespace smc_abi = trv::management::abi;

void require(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "violated: %s\n", what);
        std::abort();
    }
}

using test::Input;

/// Numbers that are worth trying.
u64 number(Input& in) {
    constexpr u64 numbers[] = {0,         1,         2,      3, 4095, 4096, 65536, 1ul << 20, (1ul << 20) + 1,
                               1ul << 31, 1ul << 32, ~u64{0}};
    const u64 which = in.byte();
    return which < std::size(numbers) ? numbers[which] : which;
}

class Machine final : public HostManagerTest {
  public:
    Machine() {
        start_host();
        buffer_.in = memory_base;
        buffer_.out = memory_base + out_offset;
        buffer_.cookie = 0x1000;
        require(register_pages(buffer_.cookie, buffer_.in, buffer_pages) == success, "a buffer can be registered");
        start_ = balance();
        objects_ = memory.heap.objects();
    }
    void TestBody() override {}

    void play_all(Input& in) {
        for (unsigned steps = 0; !in.empty() && steps < 400; ++steps) {
            step(in);
            check();
        }
        end();
    }

  private:
    static constexpr u64 buffer_pages = (out_offset + room) / page_size;
    static constexpr u64 other_cookie = 0x2000; ///< and those behind it
    static constexpr Ipa other_memory{bank.base.value + 12 * MiB};
    static constexpr const char* names[] = {"a", "b", "c", "host", ""};

    void step(Input& in) {
        switch (in.below(20)) {
        case 0:
        case 1:
            open_any(in);
            break;
        case 2:
            close(session(in));
            break;
        case 3:
        case 4:
            create_any(in);
            break;
        case 5:
        case 6:
            load_any(in);
            break;
        case 7:
            (void)start(program(in), handle(in));
            break;
        case 8:
            (void)forget(program(in), names[in.below(5)]);
            break;
        case 9:
        case 10:
            begin_any(in, static_cast<u32>(Command::Wait), {value(number(in) | in.byte() << 2, number(in))});
            break;
        case 11:
            resume_any(in);
            break;
        case 12:
            (void)read(program(in), number(in) % 40, number(in) % room);
            break;
        case 13: {
            const Program p = program(in);
            (void)invoke(p, Command::Write, {value(number(in) % 40), this->in(p, std::string(in.byte() * 20, 'x'))});
            break;
        }
        case 14:
            command(in);
            break;
        case 15:
            register_any(in);
            break;
        case 16:
            if (const u64 which = in.below(8); unregister(other_cookie + which) == success) {
                registered_.erase(which);
            }
            break;
        case 17:
            begin_any(in, static_cast<u32>(number(in)), any_params(in));
            break;
        case 18:
            pass_time(1 + in.below(40));
            break;
        default:
            print_any(in);
            break;
        }
    }

    u32 session(Input& in) {
        const u64 which = in.byte();
        return which < 200 && !sessions_.empty() ? sessions_[which % sessions_.size()]
                                                 : static_cast<u32>(0x8000'0000 + number(in));
    }
    u64 handle(Input& in) {
        const u64 which = in.byte();
        return which < 220 && !handles_.empty() ? handles_[which % handles_.size()] : number(in);
    }
    Program program(Input& in) {
        Program p = buffer_;
        p.session = session(in);
        return p;
    }
    void open_any(Input& in) {
        u32 id = 0;
        const u64 who = in.byte();
        const bool allowed = who < 200;
        const u32 result =
            open(id, allowed ? 1 + who % 2 : static_cast<u32>(who), who % 2 == 0 ? root_uuid : group_uuid);
        require(allowed || result != success || who == 201 || who == 202, "only root and the group get a session");
        if (result == success) {
            require(id > last_session_, "a session's number is new");
            last_session_ = id;
            sessions_.push_back(id);
        }
    }
    void create_any(Input& in) {
        const u64 kind = in.byte();
        std::string blob = tree(names[kind % 3], kind % 5 == 0 ? "vcpus = <2>;" : "", kind % 7 == 0 ? 5000 : 1 * MiB);
        for (u64 flips = kind >= 200 ? in.below(6) : 0; flips != 0; --flips) {
            blob[(in.byte() * 256 + in.byte()) % blob.size()] ^= static_cast<char>(1 << in.below(8));
        }
        Made made;
        if (create(program(in), blob, made, in.byte() % 16 == 0 ? number(in) : in.byte() % 2) == success) {
            require(handles_.empty() || made.handle > handles_.back(), "a handle is new");
            handles_.push_back(made.handle);
        }
    }
    void load_any(Input& in) {
        const u64 which = handle(in);
        const u64 image = in.byte() % 8 == 0 ? number(in) : 0;
        const std::string bytes = kernel();
        const bool whole = in.byte() % 2 == 0;
        const u64 offset = whole ? 0 : number(in) % (1 * MiB);
        (void)load(program(in), which, static_cast<interface::Image>(image), offset,
                   std::string_view(bytes).substr(offset, whole ? ~u64{0} : number(in) % (64 * KiB)));
    }
    void begin_any(Input& in, u32 func, const std::vector<msg::Param>& params) {
        const u32 slot = 1 + static_cast<u32>(in.below(15));
        if (waits_.contains(slot)) {
            return; // the driver's argument is in use
        }
        if (const Call call = begin(program(in), func, params, slot); call.waits) {
            waits_[slot] = call;
        }
    }
    void resume_any(Input& in) {
        const u64 which = in.byte();
        if (which >= 200 || waits_.empty()) {
            const Registers x = smc(smc_abi::ReturnFromRpc, 0, 0, number(in));
            require(x[0] == smc_abi::EResume || !waits_.empty(), "a made-up token resumes nothing");
            for (auto wait = waits_.begin(); x[0] != smc_abi::EResume && wait != waits_.end();) { // it was one's
                wait = smc(smc_abi::ReturnFromRpc, 0, 0, wait->second.token)[0] == smc_abi::EResume ? waits_.erase(wait)
                                                                                                    : ++wait;
            }
            return;
        }
        const auto wait = std::next(waits_.begin(), static_cast<std::ptrdiff_t>(which % waits_.size()));
        require(!resume(wait->second).waits, "a wait ends when it is resumed");
        waits_.erase(wait);
    }
    std::vector<msg::Param> any_params(Input& in) {
        std::vector<msg::Param> params;
        for (u64 count = in.below(5); count != 0; --count) {
            constexpr u64 types[] = {msg::None,   msg::ValueIn, msg::ValueOut,  msg::ValueInOut,
                                     msg::RmemIn, msg::RmemOut, msg::RmemInOut, msg::TmemIn};
            const u64 type = types[in.below(std::size(types))];
            params.push_back(
                {type, number(in), number(in), in.byte() % 4 == 0 ? other_cookie + in.below(8) : buffer_.cookie});
        }
        return params;
    }
    void command(Input& in) {
        constexpr const char* words[] = {"list",    "stats",  "destroy ", "reset ", "pause ",
                                         "resume ", "start ", "log",      "?"};
        const std::string word = words[in.below(std::size(words))];
        const Program p = program(in);
        (void)invoke(p, Command::Monitor, {this->in(p, word.back() == ' ' ? word + names[in.below(3)] : word), out(p)});
    }
    void register_any(Input& in) {
        const u64 which = in.below(8);
        std::vector<Ipa> pages;
        for (u64 count = 1 + in.below(6); count != 0; --count) {
            const u64 kind = in.byte();
            pages.push_back(kind < 240   ? other_memory + kind % 16 * page_size
                            : kind < 244 ? Ipa(modules.base.value)
                            : kind < 248 ? Ipa(bank.end().value + kind * MiB / 8)
                                         : Ipa(number(in) * page_size));
        }
        const u32 result = register_list(other_cookie + which, pages, pages.size() * page_size);
        const bool own =
            std::ranges::all_of(pages, [](Ipa page) { return bank.contains({Pa(page.value), page_size}); });
        require(own || result != success, "a page that is not the host's is refused");
        if (result == success) {
            registered_[which] = pages.size(); // in the place of the one before
        }
    }
    void print_any(Input& in) {
        if (find(names[in.below(3)]) != nullptr) {
            const char* const name = names[in.below(3)];
            if (find(name) != nullptr && vm(name).state() == vm::VmState::Running) {
                print(name, std::string(in.byte() * 10, 'o'));
            }
        }
    }
    void pass_time(u64 turns) {
        for (; turns != 0; --turns) {
            for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
                enter(cpu);
            }
            arch::fake_ticks += 3 * vm::millisecond;
            for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
                take_timer(cpu);
            }
        }
        play(0);
    }

    /// A buffer that lost its cookie is unpinned by the next call, or, if a call that waits refers to it, by the one after
    /// that call.
    void check() {
        close(0);
        u64 explained = 16 + buffer_pages;
        for (const auto& [which, pages] : registered_) {
            explained += pages;
        }
        const u64 pins = memory.frames.pins_of(memory::vm_owner(0));
        require(waits_.empty() ? pins == explained : pins >= explained, "each pin is a registration's");
        require(!HasFailure(), "the tests' own expectations hold");
    }

    void end() {
        while (!waits_.empty()) {
            require(!resume(waits_.begin()->second).waits, "a wait ends when it is resumed");
            waits_.erase(waits_.begin());
        }
        for (const u32 id : sessions_) {
            close(id);
        }
        for (const char* name : {"a", "b", "c"}) { // persistent ones
            if (vm::Vm* const left = find(name)) {
                left->request_stop(vm::StopReason::Destroyed);
            }
        }
        const auto any_left = [this] {
            return std::ranges::any_of(std::span(names).first(3),
                                       [this](const char* name) { return find(name) != nullptr; });
        };
        for (unsigned turn = 0; any_left() && turn < 100; ++turn) {
            pass_time(40);
        }
        for (const char* name : {"a", "b", "c"}) {
            (void)manager->forget(name);
        }
        for (unsigned turn = 0; !(balance() == start_) && turn < 100; ++turn) {
            pass_time(4);
        }
        for (const auto& [which, pages] : registered_) {
            require(unregister(other_cookie + which) == success, "what is registered is unregistered");
        }
        registered_.clear();
        check();
        require(balance() == start_, "frames and VMIDs are as at the start");
        require(memory.heap.objects() == objects_, "so is the heap");
    }

    Balance start_{};
    u64 objects_ = 0;
    Program buffer_;
    std::vector<u32> sessions_;
    u32 last_session_ = 0;
    std::vector<u64> handles_;
    std::map<u32, Call> waits_;
    std::map<u64, u64> registered_; ///< pages
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    Input in(data, size);
    Machine machine;
    machine.play_all(in);
    return 0;
}
