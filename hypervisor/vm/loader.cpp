// SPDX-License-Identifier: Apache-2.0
#include "vm/loader.hpp"

#include "arch/cpu/clock.hpp"
#include "arch/memory/cache.hpp"
#include "arch/registers/id_registers.hpp"
#include "generated/option/aarch32.hpp"
#include "generated/option/firmware.hpp"
#include "generated/option/host.hpp"
#include "generated/option/virtio.hpp"
#include "guest/aarch32/zimage.hpp"
#include "guest/host_tree.hpp"
#include "lib/heap_array.hpp"
#include "lib/log.hpp"
#include "memory/heap.hpp"
#include "memory/physical/direct_map.hpp"
#include "sched/per_cpu.hpp"
#include "vm/manager.hpp"
#include "vm/vm.hpp"

#include <algorithm>
#include <cstring>

namespace trv::vm {
namespace {

using contract::manager::Image;

constexpr u64 copy_slice = 1 * MiB;  ///< copied per step: less than 1 ms
constexpr u64 clean_slice = 8 * MiB; ///< cleaned per step
constexpr u64 looks_a_second = 200;  ///< for the end of what step() waits for

} // namespace

void Loader::restart(u64 not_before) {
    not_before_ = not_before;
    phase_ = Phase::Clean;
    cleaned_ = 0;
    copied_ = 0;
    problem_ = {};
}

void Loader::begin(void* loader) {
    sched::this_cpu().scheduler.add_job(*static_cast<Loader*>(loader));
}

u64 Loader::waits_until() const {
    const u64 now = arch::ticks();
    if (now < not_before_) {
        return not_before_;
    }
    if (phase_ == Phase::Clean && !is_bank_free(now)) {
        return now + arch::tick_hz() / looks_a_second;
    }
    return 0;
}

/// Whether no program writes into the memory that the host lends for a kernel that is gone. Drivers find their devices
/// late: until then the next kernel may use that memory for anything.
bool Loader::is_bank_free([[maybe_unused]] u64 now) const {
    if constexpr (option::virtio) {
        if (vm_.bank().range().empty()) {
            return true;
        }
        IoDevices& io = *vm_.manager_.belongings_of(vm_.index())->io;
        if (!io.bank.is_lent()) {
            return true; // the VM waits where it touches it
        }
        const vdev::VirtioSlots::Use use = io.slots.use_of_former(now);
        if (use == vdev::VirtioSlots::Use::Ends) {
            return vm_.stop().is_made(); // no kernel will run
        }
        if (use == vdev::VirtioSlots::Use::Overdue) {
            io.bank.take_back();
            io.slots.give_up();
            log_always("{}: a device did not stop: its memory is taken back", vm_.name());
        }
    }
    return true;
}

bool Loader::is_whole() const {
    if constexpr (option::virtio) {
        return vm_.bank().is_whole();
    }
    return false;
}

bool Loader::has_memory() const {
    return !is_whole() || vm_.bank().is_lent();
}

bool Loader::step() {
    u64 later = waits_until();
    if (later == 0 && !has_memory()) {
        if (vm_.stop().is_made()) { // no kernel will run
            vm_.run_from(placement_);
            return false;
        }
        restart(0); // other frames may come in the place of those that are gone
        later = arch::ticks() + arch::tick_hz() / looks_a_second;
    }
    if (later != 0) {
        sched::this_cpu().timers.arm(beginning_, later);
        return false;
    }
    const Result<bool> more = advance();
    if (!more && is_whole() && (more.error() == Error::NotMapped || more.error() == Error::OutOfRange)) {
        return true; // some of it went meanwhile: it has no other addresses
    }
    if (!more) {
        vm_.on_load_failed(problem_.empty() ? name_of(more.error()) : problem_);
        return false;
    }
    if (!*more) {
        vm_.run_from(placement_);
    }
    return *more;
}

/// The vCPU that waits for the loader: a VM that resets itself again and again pays for its loading.
sched::Runnable* Loader::payer() {
    return &vm_.vcpu(0);
}

Result<bool> Loader::advance() {
    const machine::VmDescription& description = vm_.description();
    if constexpr (option::virtio) {
        if (TRY(vm_.bank().map_step())) {
            return true;
        }
    }
    switch (phase_) {
    case Phase::Clean:
        // The kernel clears its .bss with its caches off, and dirty lines of the one before it, or of the host, would come
        // back over that.
        if (!(is_whole() ? TRY(clean_lent()) : vm_.memory().ram().clean_step(vm_.memory().stage2(), cleaned_))) {
            phase_ = Phase::Plan;
        }
        return true;
    case Phase::Plan:
        TRY(plan());
        phase_ = Phase::Tee;
        return true;
    case Phase::Tee:
        if (vm_.services_.renew_step()) {
            phase_ = Phase::Kernel;
        }
        return true;
    case Phase::Kernel:
        if (TRY(copy_part(Image::Kernel, kernel_size(), placement_.kernel))) {
            phase_ = placement_.ramdisk ? Phase::Ramdisk : Phase::Tree;
        }
        return true;
    case Phase::Ramdisk:
        if (TRY(copy_part(Image::Ramdisk, description.ramdisk->size, placement_.ramdisk->base))) {
            phase_ = Phase::Tree;
        }
        return true;
    case Phase::Tree:
        TRY(write_tree());
        return false;
    }
    return fail(Error::Invalid);
}

Result<void> Loader::plan() {
    if constexpr (option::firmware) {
        if (vm_.firmware() != nullptr) {
            plan_firmware();
            return {};
        }
    }
    const machine::VmDescription& description = vm_.description();
    const auto header_size = std::min<u64>(description.kernel.size, guest::image_header_size);
    const Pa start = vm_.image_piece(Image::Kernel, 0).base; // the header is in one piece
    const auto image = parse_kernel({memory::direct_map<const u8>(start), header_size});
    if (!image) {
        problem_ = name_of(image.error());
        return fail(Error::Invalid);
    }
    const u64 ramdisk_size = description.ramdisk ? description.ramdisk->size : 0;
    const auto placement = guest::place_image(vm_.first_bank(), *image, ramdisk_size, tree_room());
    if (!placement) {
        problem_ = name_of(placement.error());
        return fail(Error::Invalid);
    }
    placement_ = *placement;
    return {};
}

std::expected<guest::KernelImage, guest::ImageError> Loader::parse_kernel(std::span<const u8> start) {
    const u64 size = vm_.description().kernel.size;
    if constexpr (option::aarch32) {
        if (!vm_.is_host() && guest::is_zimage(start)) {
            return parse_zimage(size);
        }
    }
    const auto image = guest::parse_image(start, size);
    constexpr auto mmfr0 = arch::system_register(3, 0, 0, 7, 0);
    if (image && !guest::has_pages(arch::read_id_register(mmfr0), image->page_size)) {
        return std::unexpected(guest::ImageError::BadPages);
    }
    return image;
}

std::expected<guest::KernelImage, guest::ImageError> Loader::parse_zimage(u64 size) {
    for (unsigned i = 0; i < vm_.vcpu_count(); ++i) { // CPUs of one machine may differ
        if (!guest::has_aarch32(vm_.vcpu(i).home().facts.pfr0)) {
            return std::unexpected(guest::ImageError::NoAarch32);
        }
    }
    const auto byte = [](u64 offset, void* vm) {
        return *memory::direct_map<const u8>(static_cast<Vm*>(vm)->image_piece(Image::Kernel, offset).base);
    };
    return guest::parse_zimage(size, byte, &vm_);
}

void Loader::plan_firmware() {
    placement_ = {.kernel = Ipa(0), .tree = {guest::ram_base, tree_room()}, .ramdisk = std::nullopt};
}

u64 Loader::kernel_size() const {
    const machine::VmDescription& description = vm_.description();
    return vm_.firmware() != nullptr ? description.firmware_size : description.kernel.size;
}

Result<bool> Loader::copy_part(Image image, u64 size, Ipa to) {
    const PaRange from = vm_.image_piece(image, copied_);
    const u64 bytes = std::min({from.size, size - copied_, copy_slice});
    copied_ += TRY(write_part(to + copied_, {memory::direct_map(from.base), bytes}));
    const bool done = copied_ == size;
    if (done) {
        copied_ = 0;
    }
    return done;
}

/// Under stage 2's lock, which keeps lent frames the VM's.
Result<u64> Loader::write_part(Ipa to, std::span<const std::byte> from) {
    (void)TRY(vm_.memory().memory_at(to));
    const auto write = [from](std::byte* target, u64 bytes) {
        std::memcpy(target, from.data(), bytes);
        arch::clean_and_invalidate(target, bytes); // the guest starts with its MMU off, and reads memory, not caches
    };
    return vm_.memory().stage2().with_leaf(to, from.size(), memory::Stage2::Purpose::Write, write);
}

Result<bool> Loader::clean_lent() {
    const IpaRange range = vm_.bank().range();
    for (u64 done = 0; done < clean_slice && cleaned_ < range.size;) {
        const u64 bytes = TRY(
            vm_.memory().stage2().with_leaf(range.base + cleaned_, guest::Ram::granule, memory::Stage2::Purpose::Read,
                                            [](std::byte* at, u64 size) { arch::clean_and_invalidate(at, size); }));
        done += bytes;
        cleaned_ += bytes;
    }
    return cleaned_ < range.size;
}

std::size_t Loader::tree_room() const {
    if constexpr (option::host) {
        if (vm_.is_host()) {
            return vm_.host_->tree_room();
        }
    }
    return guest::tree_room;
}

Result<std::size_t> Loader::build_tree(std::span<u8> buffer, guest::TreeInput& input) const {
    if constexpr (option::host) {
        if (vm_.is_host()) {
            input.psci = guest::Conduit::Smc; // as the machine's own
            return guest::build_host_tree(buffer, vm_.host_->filter(), vm_.layout_, input,
                                          [this](TreeWriter& tree) { vm_.services_.describe(tree); });
        }
    }
    return guest::build_tree(buffer, input, [this](TreeWriter& tree) {
        vm_.devices_.for_each([&tree](const vdev::Device& device) { device.describe(tree); });
        vm_.services_.describe(tree);
    });
}

Result<void> Loader::write_tree() {
    guest::TreeInput input{};
    input.bootargs = vm_.description().bootargs;
    guest::Ram::Banks banks;
    if (!vm_.bank().range().empty()) {
        MUST(banks.push_back(vm_.bank().range())); // in front; such a VM has at most one other
    }
    for (const IpaRange& bank : vm_.memory().ram().banks()) {
        MUST(banks.push_back(bank));
    }
    input.ram = {banks.begin(), banks.size()};
    input.ramdisk = placement_.ramdisk;
    input.vcpus = vm_.vcpu_count();
    for (unsigned i = 0; i < input.vcpus; ++i) {
        input.mpidr[i] = i;
    }
    input.aarch32 = placement_.aarch32;
    input.pmu = vm_.manager_.resources().has_pmu && !placement_.aarch32;
    // A new one at each start: knowledge of an earlier seed, or of another guest's, is worthless. No
    // kaslr-seed: with it Linux isolates page tables on CPUs like Cortex-A57, and each system call takes nine times as
    // long in QEMU.
    const auto rng_seed = vm_.manager_.resources().seeds.draw<std::array<u8, guest::rng_seed_size>>();
    if (rng_seed) {
        input.rng_seed = *rng_seed;
    }
    // Not in place: the library reads what it has written, and devices of the host reach its memory meanwhile.
    auto words = TRY(HeapArray<u64>::create(tree_room() / sizeof(u64)));
    const std::span<u8> buffer(reinterpret_cast<u8*>(words.begin()), words.size() * sizeof(u64));
    const std::size_t size = TRY(build_tree(buffer, input));
    for (std::span<const std::byte> left = std::as_bytes(buffer.first(size)); !left.empty();) {
        const u64 written = TRY(write_part(placement_.tree.base + (size - left.size()), left));
        left = left.subspan(written);
    }
    arch::forget_instructions(); // the frames may have held other code before
    return {};
}

} // namespace trv::vm
