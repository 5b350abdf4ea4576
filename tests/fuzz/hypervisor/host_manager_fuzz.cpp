// SPDX-License-Identifier: Apache-2.0
// A host whose driver and programs do anything: they make VMs, load, start, wait, read and forget, with handles, sessions,
// tokens, cookies and lists of their own or made up. They lend memory, take it back and serve devices, whose drivers do
// anything as well. After each step the host's pins are those that its registrations explain, and a frame that two VMs map
// is in exactly one loan; when all sessions are closed, frames, VMIDs and the heap are as at the start.

#include "../../unit/hypervisor/management/host_driver.hpp"
#include "arch/exception/exception_state.hpp"
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

    static constexpr u64 pool_cookie = 0x3000; ///< and the next one: they overlap
    static constexpr u64 pool_pages = contract::virtio::bank_step / page_size;
    static constexpr Ipa pools[] = {Ipa(bank.base.value + 13 * MiB), Ipa(bank.base.value + 14 * MiB),
                                    Ipa(bank.base.value + 20 * MiB), Ipa(bank.base.value + 36 * MiB)};
    /// Of a VM all of whose memory is the host's: the last two pools.
    static constexpr u64 whole_size = contract::virtio::whole_piece + 4 * MiB;
    static u64 pages_of(u64 which) {
        return which < 2 ? pool_pages : (which == 2 ? contract::virtio::whole_piece : 4 * MiB) / page_size;
    }
    static constexpr Ipa lent_base{contract::virtio::bank_base(pool_pages * page_size)};

    void step(Input& in) {
        switch (in.below(33)) {
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
        case 20:
            if (const u64 which = in.below(4);
                register_pages(pool_cookie + which, pools[which], pages_of(which)) == success) {
                registered_[pool_key + which] = pages_of(which);
            }
            break;
        case 21:
            if (const u64 which = in.below(4); unregister(pool_cookie + which) == success) {
                registered_.erase(pool_key + which);
            }
            break;
        case 22:
            lend_any(in);
            break;
        case 23:
            device_any(in);
            break;
        case 24:
            serve_any(in);
            break;
        case 25:
        case 26:
            drive_any(in);
            break;
        case 27:
            touch_any(in);
            break;
        case 28:
            create_whole(in);
            break;
        case 29:
            lend_piece(in);
            break;
        case 30:
            create_with_firmware(in);
            break;
        case 31:
            variables_any(in);
            break;
        case 32:
            program_flash(in);
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
    void create_whole(Input& in) {
        const char* const tee = in.byte() % 8 == 0 ? "io = \"whole\"; tee;" : "io = \"whole\";";
        Made made;
        if (create(program(in), tree(names[in.below(3)], tee, 1 * MiB, whole_size), made, in.byte() % 2) == success) {
            require(std::string_view(tee).size() < 16, "none of OP-TEE's VMs has the host's memory");
            handles_.push_back(made.handle);
        }
    }
    void create_with_firmware(Input& in) {
        Made made;
        if (create(program(in), tree(names[in.below(3)], "firmware-size = <0x1000>;"), made, in.byte() % 2) ==
            success) {
            handles_.push_back(made.handle);
        }
    }
    void variables_any(Input& in) {
        constexpr u64 size = contract::manager::variables_size;
        const Program p = program(in);
        const u64 of = handle(in);
        const u64 offset = in.byte() % 4 == 0 ? number(in) : size - in.byte() * 16;
        if (in.byte() % 2 == 0) {
            (void)invoke(p, Command::WriteVariables,
                         {value_in(of, offset), this->in(p, std::string(number(in) % room, 'v'))});
            return;
        }
        if (invoke(p, Command::ReadVariables, {value(of, offset, number(in)), out(p, number(in) % room)}) == success) {
            require(offset < size && param(1).b <= size - offset, "what is read lies within the flash");
        }
    }
    void program_flash(Input& in) {
        vm::Vm* const vm = running(in);
        const auto* const window = vm != nullptr ? vm->devices().bus().find(guest::flash_base, 4, 0) : nullptr;
        for (const u64 value : {u64{0x40}, u64{in.byte()}, u64{0xff}}) {
            if (window != nullptr) {
                (void)window->device->write({.offset = 0, .size = 4, .vcpu = 0}, value);
            }
        }
    }
    void lend_piece(Input& in) {
        const u64 piece = in.byte() % 8 == 0 ? number(in) : in.below(2);
        const u64 cookie = pool_cookie + (in.byte() % 8 == 0 ? in.below(4) : 2 + piece % 2);
        (void)invoke(program(in), Command::Lend, {value_in(handle(in), piece), {msg::RmemIn, 0, page_size, cookie}});
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
    void lend_any(Input& in) {
        const Program p = program(in);
        const u64 cookie = in.byte() % 8 == 0 ? other_cookie + in.below(8) : pool_cookie + in.below(2);
        (void)invoke(p, in.byte() % 4 == 0 ? Command::TakeBack : Command::Lend,
                     {value_in(handle(in)), {msg::RmemIn, in.byte() % 16 == 0 ? number(in) : 0, page_size, cookie}});
        if (in.byte() % 4 == 0) {
            (void)invoke(p, Command::TakeBack, {value_in(handle(in))});
        }
    }
    void device_any(Input& in) {
        contract::virtio::Device device;
        device.id = static_cast<u32>(in.below(4));
        device.queues = static_cast<u32>(in.byte() % 8 == 0 ? number(in) : 1 + in.below(3));
        device.queue_size = in.byte() % 8 == 0 ? static_cast<u32>(number(in)) : 64;
        device.config_size = in.byte() % 8 == 0 ? static_cast<u32>(number(in)) : 16;
        device.features = in.byte() % 4 == 0 ? number(in) : 0;
        const Program p = program(in);
        (void)invoke(p, Command::Device,
                     {value_in(handle(in), in.byte() % 8 == 0 ? number(in) : in.below(3)),
                      this->in(p, {reinterpret_cast<const char*>(&device), sizeof device})});
    }
    void serve_any(Input& in) {
        const Program p = program(in);
        const u64 of = handle(in);
        const u64 slot = in.byte() % 8 == 0 ? number(in) : in.below(3);
        switch (in.below(5)) {
        case 0:
            begin_any(in, static_cast<u32>(Command::Events), {value(of, number(in)), out(p)});
            break;
        case 1:
            (void)invoke(p, Command::State, {value_in(of, slot), out(p)});
            break;
        case 2:
            (void)invoke(p, Command::Ring, {value_in(of, number(in), number(in))});
            break;
        case 3:
            (void)invoke(p, Command::Stopped, {value_in(of, slot)});
            break;
        default:
            (void)invoke(p, Command::Config, {value_in(of, slot), this->in(p, std::string(in.below(20), 'c'))});
            break;
        }
    }
    /// A VM that may access its devices.
    vm::Vm* running(Input& in) {
        vm::Vm* const found = find(names[in.below(3)]);
        const bool runs = found != nullptr && found->state() == vm::VmState::Running && !found->stop().is_made();
        return runs ? found : nullptr;
    }
    /// Its vCPU, if it gets a CPU now, stores to the address.
    void store(vm::Vm& vm, Ipa ipa, u64 value) {
        const unsigned cpu = vm.vcpu(0).home().index;
        for (unsigned turn = 0; turn < 3 && enter(cpu) != &vm.vcpu(0); ++turn) {
            arch::fake_ticks += 3 * vm::millisecond;
            take_timer(cpu);
        }
        if (enter(cpu) == &vm.vcpu(0)) {
            vm.vcpu(0).registers().x[3] = value;
            arch::fake_fault_address = ipa.value & 0xfff;
            arch::fake_fault_page = ipa.value >> 12 << 4;
            leave_guest(cpu, arch::ExitKind::Sync,
                        u64{0x24} << 26 | u64{1} << 25 | u64{1} << 24 | u64{2} << 22 | u64{3} << 16 | u64{1} << 6 |
                            0x06);
        }
        play(0);
    }
    void drive_any(Input& in) {
        vm::Vm* const vm = running(in);
        if (vm == nullptr) {
            return;
        }
        const Ipa slot{contract::virtio::first_slot + in.below(4) * contract::virtio::slot_size};
        if (in.byte() % 2 == 0) {
            store(*vm, slot + in.byte() * 4, number(in));
            return;
        }
        constexpr std::pair<u64, u64> driver[] = {
            {0x70, 3}, {0x24, 1}, {0x20, 3}, {0x70, 11}, {0x30, 0},  {0x38, 64},
            {0x80, 0}, {0x90, 0}, {0xa0, 0}, {0x44, 1},  {0x70, 15}, {0x50, 0},
        };
        for (const auto& [offset, value] : driver) {
            store(*vm, slot + offset, offset >= 0x80 ? lent_base.value + (offset - 0x80) * 0x100 : value);
        }
        if (in.byte() % 2 == 0) {
            store(*vm, slot + 0x70, 0);
        }
    }
    void touch_any(Input& in) {
        if (vm::Vm* const vm = running(in)) {
            const u64 page = in.below(pool_pages) * page_size;
            store(*vm, vm->bank().is_whole() ? guest::ram_base + page * 20 : lent_base + page, 1);
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
        check_loans();
        require(!HasFailure(), "the tests' own expectations hold");
    }

    /// Of some pages of each bank, or of all memory that is lent.
    void check_loans() {
        std::set<u64> mapped;
        for (const char* name : {"a", "b", "c"}) {
            vm::Vm* const vm = find(name);
            const IpaRange lent = vm != nullptr ? vm->bank().range() : IpaRange{};
            for (u64 offset = 0; offset < lent.size; offset += 73 * page_size) {
                const auto leaf = vm->memory().stage2().lookup(lent.base + offset);
                if (!leaf) {
                    continue;
                }
                const PaRange frame{leaf->pa, page_size};
                require(memory.frames.is_lent(frame), "what another VM maps is lent");
                require(memory.frames.check_owner(frame, memory::vm_owner(0)).has_value(), "and the host's");
                require(memory.frames.pins_on(leaf->pa) != 0, "and pinned");
                require(mapped.insert(leaf->pa.value).second, "and no third VM's");
            }
        }
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
            const u64 cookie = which < pool_key ? other_cookie + which : pool_cookie + which - pool_key;
            require(unregister(cookie) == success, "what is registered is unregistered");
        }
        require(!memory.frames.is_lent({Pa(pools[1].value), page_size}), "nothing is lent any more");
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
    static constexpr u64 pool_key = 100;
    std::map<u64, u64>
        registered_; ///< pages, by the cookie behind other_cookie, or behind pool_cookie from pool_key on
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    Input in(data, size);
    Machine machine;
    machine.play_all(in);
    return 0;
}
