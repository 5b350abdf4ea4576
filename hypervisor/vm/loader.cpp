#include "vm/loader.hpp"

#include "arch/cache.hpp"
#include "memory/direct_map.hpp"
#include "memory/guest_memory.hpp"
#include "memory/heap.hpp"
#include "vm/guest_tree.hpp"
#include "vm/vm.hpp"

#include <algorithm>
#include <cstring>

namespace trv::vm {
namespace {

/// What a step clears or copies: about a millisecond on slow machines.
constexpr u64 scrub_slice = 4 * MiB;
constexpr u64 copy_slice = 1 * MiB;

struct alignas(8) TreeBuffer {
    std::array<u8, guest_tree_room> bytes;
};

} // namespace

void Loader::restart() {
    phase_ = Phase::Plan;
    copied_ = 0;
    problem_ = {};
}

bool Loader::step() {
    const Result<bool> more = advance();
    if (!more) {
        vm_.on_load_failed(problem_.empty() ? name_of(more.error()) : problem_);
        return false;
    }
    if (!*more) {
        vm_.run_from(placement_);
    }
    return *more;
}

Result<bool> Loader::advance() {
    const machine::VmDescription& description = vm_.description();
    switch (phase_) {
    case Phase::Plan:
        TRY(plan());
        phase_ = scrubbed_ ? Phase::Kernel : Phase::Scrub;
        return true;
    case Phase::Scrub:
        // The pool's frames hold nothing of another VM, but perhaps something of what ran before the hypervisor.
        scrubbed_ = vm_.ram_.scrub_step(scrub_slice);
        phase_ = scrubbed_ ? Phase::Kernel : Phase::Scrub;
        return true;
    case Phase::Kernel:
        if (TRY(copy_part(description.kernel, placement_.kernel))) {
            phase_ = placement_.ramdisk ? Phase::Ramdisk : Phase::Tree;
        }
        return true;
    case Phase::Ramdisk:
        if (TRY(copy_part(*description.ramdisk, placement_.ramdisk->base))) {
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
    const machine::VmDescription& description = vm_.description();
    const auto header_size = std::min<u64>(description.kernel.size, image_header_size);
    const auto image =
        parse_image({memory::direct_map<const u8>(description.kernel.base), header_size}, description.kernel.size);
    if (!image) {
        problem_ = name_of(image.error());
        return fail(Error::Invalid);
    }
    const u64 ramdisk_size = description.ramdisk ? description.ramdisk->size : 0;
    const auto placement = place_image(vm_.ram_.range(), *image, ramdisk_size, guest_tree_room);
    if (!placement) {
        problem_ = name_of(placement.error());
        return fail(Error::Invalid);
    }
    placement_ = *placement;
    return {};
}

Result<bool> Loader::copy_part(PaRange from, Ipa to) {
    const auto leaf = TRY(vm_.stage2_.lookup(to + copied_));
    const u64 bytes = std::min({from.size - copied_, leaf.remaining, copy_slice});
    std::byte* const target = memory::direct_map(leaf.pa);
    std::memcpy(target, memory::direct_map(from.base + copied_), bytes);
    // The guest begins with its MMU off and reads memory, not caches; and some of it is code.
    arch::clean_and_invalidate(target, bytes);
    arch::publish_code(target, bytes);
    copied_ += bytes;
    const bool done = copied_ == from.size;
    if (done) {
        copied_ = 0;
    }
    return done;
}

Result<void> Loader::write_tree() {
    GuestTreeInput input{};
    input.bootargs = vm_.description().bootargs;
    input.ram = vm_.ram_.range();
    input.ramdisk = placement_.ramdisk;
    input.vcpus = vm_.vcpu_count();
    for (unsigned i = 0; i < input.vcpus; ++i) {
        input.mpidr[i] = i;
    }
    const auto buffer = TRY(memory::make<TreeBuffer>());
    const std::size_t size = TRY(build_guest_tree(buffer->bytes, input));
    TRY(memory::copy_to_guest(vm_.stage2_, placement_.tree.base, std::as_bytes(std::span(buffer->bytes).first(size))));
    const auto leaf = TRY(vm_.stage2_.lookup(placement_.tree.base));
    arch::clean_and_invalidate(memory::direct_map(leaf.pa), std::min<u64>(size, leaf.remaining));
    return {};
}

} // namespace trv::vm
