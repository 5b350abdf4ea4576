// SPDX-License-Identifier: Apache-2.0
#include "vm/firmware.hpp"

#include "arch/memory/cache.hpp"
#include "contract/manager.hpp"
#include "guest/layout.hpp"
#include "memory/heap.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/physical/scrub.hpp"
#include "vm/manager.hpp"
#include "vm/vm.hpp"

#include <algorithm>
#include <cstring>

namespace trv::vm {
namespace {

using contract::manager::Image;

constexpr u64 block = 2 * MiB; ///< what stage 2 maps with one entry
constexpr unsigned block_order = memory::order_for(block);
static_assert(vdev::CfiFlash::size == block, "shown and hidden at once, without a split");

constexpr IpaRange variables_range{guest::flash_base, vdev::CfiFlash::size};
static_assert(contract::largest_firmware <= guest::flash_base.value);

constexpr u64 most_given_back = 2 * MiB; ///< in one step

/// Where the kernel begins in the image.
u64 kernel_offset(const machine::VmDescription& description) {
    return align_up(description.firmware_size, contract::firmware_step);
}

} // namespace

Result<Unique<Firmware>> Firmware::create(Vm& vm) {
    if (vm.description().firmware_size > vm.description().kernel.size) {
        return fail(Error::Invalid);
    }
    auto firmware = TRY(memory::make<Firmware>(vm));
    TRY(firmware->map_code());
    TRY(firmware->map_variables());
    return firmware;
}

Result<void> Firmware::map_variables() {
    if constexpr (option::manager) {
        if (const Belongings* const belongings = vm_.manager().belongings_of(vm_.index())) {
            variables_ = belongings->variables.get();
        }
    }
    if (variables_ == nullptr) {
        own_variables_ = TRY(Variables::create(vm_.manager().resources().memory.pool, vm_.memory().owner()));
        variables_ = own_variables_.get();
    }
    return vm_.memory().stage2().map(variables_range, variables_->base(), memory::Access::ReadOnly);
}

Result<void> Firmware::map_code() {
    memory::FramePool& pool = vm_.manager().resources().memory.pool;
    const u64 size = align_up(vm_.description().firmware_size, block);
    code_ = TRY(HeapArray<memory::Frames>::create(size / block));
    for (u64 at = 0; at < size; at += block) {
        memory::Frames& frames = code_.begin()[at / block];
        frames = TRY(pool.allocate(block_order, vm_.memory().owner()));
        // The loader overwrites all but the end; a boot loader's data may be in frames that had no owner yet.
        memory::scrub(frames.range());
        TRY(vm_.memory().stage2().map({Ipa(at), block}, frames.base(), memory::Access::ReadWriteExecute));
    }
    return {};
}

bool Firmware::give_back_step() {
    if (own_variables_ && !own_variables_->give_back_step()) {
        return false;
    }
    for (memory::Frames& frames : code_) {
        if (frames) {
            (void)frames.give_back(most_given_back); // not while OP-TEE has it pinned: the next step tries again
            return false;
        }
    }
    return true;
}

/// If there is no memory for a table, the device answers each read.
void Firmware::show() {
    (void)vm_.memory().stage2().map(variables_range, variables_->base(), memory::Access::ReadOnly);
}

void Firmware::hide() {
    (void)vm_.memory().stage2().unmap(variables_range); // fails where show() has
}

u64 Firmware::size_of(Part part) const {
    const machine::VmDescription& description = vm_.description();
    switch (part) {
    case Part::Kernel: {
        const u64 offset = kernel_offset(description);
        return description.kernel.size > offset ? description.kernel.size - offset : 0;
    }
    case Part::Ramdisk:
        return description.ramdisk ? description.ramdisk->size : 0;
    case Part::CommandLine: // with the zero at its end
        return description.bootargs.empty() ? 0 : description.bootargs.size() + 1;
    }
    return 0;
}

void Firmware::copy(Part part, u64 offset, std::span<u8> to) const {
    const machine::VmDescription& description = vm_.description();
    if (part == Part::CommandLine) {
        const std::string_view text = description.bootargs.substr(offset);
        const std::size_t bytes = std::min(text.size(), to.size());
        std::memcpy(to.data(), text.data(), bytes);
        std::ranges::fill(to.subspan(bytes), u8{0});
        return;
    }
    const Image image = part == Part::Kernel ? Image::Kernel : Image::Ramdisk;
    offset += part == Part::Kernel ? kernel_offset(description) : 0;
    while (!to.empty()) {
        const PaRange piece = vm_.image_piece(image, offset);
        const std::size_t bytes = std::min<u64>(piece.size, to.size());
        std::memcpy(to.data(), memory::direct_map(piece.base), bytes);
        to = to.subspan(bytes);
        offset += bytes;
    }
}

bool Firmware::load(Ipa from, std::span<u8> to) {
    if (!vm_.memory().memory_at(from)) {
        return false;
    }
    const auto use = [to](std::byte* bytes, u64 size) {
        arch::clean_and_invalidate(bytes, size); // firmware may have written it with its caches off
        std::memcpy(to.data(), bytes, std::min<u64>(size, to.size()));
    };
    return vm_.memory().stage2().with_memory(from, to.size(), memory::Stage2::Purpose::Read, use) == to.size();
}

u64 Firmware::store(Ipa to, u64 size, void (*fill)(std::span<u8> bytes, void* context), void* context) {
    if (!vm_.memory().memory_at(to)) {
        return 0;
    }
    const auto use = [fill, context](std::byte* bytes, u64 count) {
        fill({reinterpret_cast<u8*>(bytes), count}, context);
        arch::clean_and_invalidate(bytes, count); // the same
    };
    return vm_.memory().stage2().with_memory(to, size, memory::Stage2::Purpose::Write, use).value_or(0);
}

} // namespace trv::vm
