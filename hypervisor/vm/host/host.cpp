// SPDX-License-Identifier: Apache-2.0
#include "vm/host/host.hpp"

#include "guest/host_tree.hpp"
#include "lib/log.hpp"

#include <algorithm>

namespace trv::vm {

Result<void> Host::read_tree() {
    filter_ = TRY(guest::HostFilter::create(tree_, machine_));
    TRY(guest::collect(*filter_, machine_, resources_));
    // Its emulated redistributors are in one region.
    if (machine_.gic->registers[1].size < vm_.vcpus * guest::gicr_size_per_vcpu) {
        return fail(Error::Unsupported);
    }
    return {};
}

void Host::plan() {
    const Result<void> read = read_tree();
    if (!read) {
        problem_ = read.error() == Error::Unsupported ? "the machine's interrupt controller cannot be emulated in place"
                                                      : "the device tree has too many devices for one VM";
    }
}

void Host::choose_memory(const memory::RamMap& map) {
    if (!problem_.empty()) {
        return;
    }
    const auto banks = guest::choose_banks(map, vm_.memory_size);
    if (!banks) {
        problem_ = "the machine has not enough contiguous memory";
        return;
    }
    for (const PaRange& bank : *banks) {
        MUST(memory_.push_back(bank)); // it has room for both lists
    }
    for (const PaRange& pool : pools()) {
        MUST(memory_.push_back(pool));
    }
}

void Host::describe_devices(u32 interrupts) {
    if (!problem_.empty()) {
        return;
    }
    vm_.device_ranges = {resources_.devices.begin(), resources_.devices.size()};
    auto list = HeapArray<machine::PassedInterrupt>::create(resources_.interrupt_count());
    if (!list) {
        problem_ = "not enough free memory";
        return;
    }
    interrupts_ = std::move(*list);
    std::size_t used = 0;
    for (u32 number = first_spi; number < std::min(interrupts, end_of_spis); ++number) {
        const IntId intid(number);
        if (resources_.interrupts.has(intid)) {
            interrupts_[used++] = {intid, intid};
        }
    }
    vm_.device_interrupts = {interrupts_.begin(), used};
}

unsigned Host::address_bits() const {
    return resources_.address_bits({machine_.ram.begin(), machine_.ram.size()});
}

void Host::report() const {
    if (!problem_.empty()) {
        return; // the refusal of the VM names the problem
    }
    for (const PaRange& range : memory()) {
        log("{}: {} MiB of RAM at {}", vm_.label, range.size / MiB, range.base);
    }
    guest::log_resources(*filter_, resources_, vm_.label);
    log("{}: its devices' DMA reaches all of RAM, because no IOMMU is used: its kernel is trusted", vm_.label);
}

std::size_t Host::tree_room() const {
    return guest::host_tree_room(tree_);
}

} // namespace trv::vm
