// SPDX-License-Identifier: Apache-2.0
#include "guest/host_resources.hpp"

#include "lib/checked.hpp"
#include "lib/log.hpp"

#include <algorithm>
#include <bit>

namespace trv::guest {
namespace {

/// Where emulated devices have a window each; of a page as a guest may have.
constexpr u64 hole_size = 64 * KiB;
constexpr Pa hole_limit{4 * GiB};

class Collector final : public HostVisitor {
  public:
    Collector(const HostFilter& filter, const machine::Machine& machine, HostResources& resources)
        : filter_(filter), machine_(machine), resources_(resources) {}

    bool begin(const DeviceNode& node, const DeviceNode& parent, Fate fate) override {
        add_bus_windows(node, parent);
        if (!is_kept(fate)) {
            return false;
        }
        ++resources_.kept;
        if (fate == Fate::Kept && !filter_.is_pool(node, parent)) {
            add_ranges(node, parent);
            filter_.add_interrupts(node, resources_.interrupts);
        } else if (fate == Fate::Kept) {
            add_pools(node);
        }
        return true;
    }
    void end(const DeviceNode&) override {}

    [[nodiscard]] bool complete() const { return complete_; }
    /// The lowest hole between what the tree names.
    [[nodiscard]] Result<IpaRange> find_hole() const {
        Result<IpaRange> best = fail(Error::NotFound);
        const auto try_behind = [&](PaRange range) {
            const PaRange hole{Pa(align_up(range.end().value, hole_size)), hole_size};
            const bool lower = !best || hole.base.value < best->base.value;
            if (range.end() < hole_limit - hole_size && lower && is_unused(hole)) {
                best = IpaRange{Ipa(hole.base.value), hole_size};
            }
        };
        for_each_used(try_behind);
        return best;
    }

  private:
    void add_ranges(const DeviceNode& node, const DeviceNode& parent) {
        for (std::size_t i = 0; i < filter_.range_count(node, parent); ++i) {
            if (const auto pages = filter_.range(node, parent, i)) {
                add(*pages);
            }
        }
    }
    void add_pools(const DeviceNode& node) {
        for (std::size_t i = 0; const auto memory = filter_.tree().translated_reg(node, i); ++i) {
            complete_ = resources_.pools.push_back(*memory) && complete_;
        }
    }
    /// Addresses that a bus hands on are in use, whatever is there.
    void add_bus_windows(const DeviceNode& node, const DeviceNode& parent) {
        const auto ranges = node.property("ranges");
        const auto child = node.address_cells();
        const auto above = parent.address_cells();
        const auto size = node.size_cells();
        if (!ranges || !child || !above || !size || *child + *above + *size == 0) {
            return;
        }
        const std::size_t stride = *child + *above + *size;
        for (std::size_t at = 0; at + stride <= ranges->cells(); at += stride) {
            const auto base = ranges->number(at + *child, *above);
            const auto bytes = ranges->number(at + *child + *above, *size);
            const auto window = base && bytes ? make_range(Pa(*base), *bytes) : fail(Error::Invalid);
            if (window) {
                (void)windows_.push_back(*window); // a missing one costs no safety: what is emulated is not mapped
            }
        }
    }
    void add(PaRange range) {
        auto& all = resources_.devices;
        for (std::size_t i = 0; i < all.size();) {
            const PaRange other = all[i];
            if (range.overlaps(other) || range.end() == other.base || other.end() == range.base) {
                const Pa base = std::min(range.base, other.base);
                range = {base, std::max(range.end(), other.end()) - base};
                all[i] = all[all.size() - 1];
                (void)all.pop_back();
                i = 0; // the larger one may touch those that were looked at
            } else {
                ++i;
            }
        }
        complete_ = all.push_back(range) && complete_;
    }

    template <typename Use>
    void for_each_used(Use use) const {
        std::ranges::for_each(resources_.devices, use);
        std::ranges::for_each(filter_.denied(), use);
        std::ranges::for_each(machine_.ram, use);
        std::ranges::for_each(windows_, use);
    }
    [[nodiscard]] bool is_unused(PaRange hole) const {
        bool unused = true;
        for_each_used([&](PaRange range) { unused = unused && !range.overlaps(hole); });
        return unused;
    }

    const HostFilter& filter_;
    const machine::Machine& machine_;
    HostResources& resources_;
    FixedVector<PaRange, 32> windows_;
    bool complete_ = true;
};

/// SPIs that no device of the host has, from `from` on.
u32 free_spi(const HostFilter& filter, const HostInterrupts& taken, u32 from) {
    while (from < end_of_spis && (taken.has(IntId(from)) || filter.is_own_interrupt(IntId(from)))) {
        ++from;
    }
    return from;
}

/// The distributor and the first region of redistributors are where the machine has them; that region is to have room for
/// one of each vCPU.
void place_emulated(const HostFilter& filter, const machine::Machine& machine, IpaRange hole,
                    HostResources& resources) {
    Layout& layout = resources.layout;
    layout.gicd = Ipa(machine.gic->registers[0].base.value);
    layout.gicr = Ipa(machine.gic->registers[1].base.value);
    layout.agent = hole.base;
    layout.stolen_time = hole.base + page_size;
    layout.console = hole.base + 2 * page_size;
    constexpr u64 placed = 3 * page_size;
    layout.free = {hole.base + placed, hole.size - placed};

    u32 next = first_spi;
    for (u32* const intid :
         {&layout.agent_intid, &layout.optee_intid, &layout.console_intid, &layout.first_free_intid}) {
        *intid = free_spi(filter, resources.interrupts, next);
        next = *intid + 1;
    }
    if (filter.console()) {
        layout.console = Ipa(machine.uart->registers.base.value);
        layout.console_intid = machine.uart->intid.value_or(layout.console_intid);
    }
}

/// The names of the nodes that are left out, by reason, as far as they fit.
class Names final : public HostVisitor {
  public:
    bool begin(const DeviceNode& node, const DeviceNode&, Fate fate) override {
        const auto reason = std::ranges::find(reasons, fate);
        if (reason != std::end(reasons)) {
            List& list = lists_[static_cast<std::size_t>(reason - std::begin(reasons))];
            const std::span<char> rest = std::span(list.text).subspan(list.used);
            list.used += format_to(rest, "{}{}", list.used == 0 ? "" : ", ", node.name()).size();
        }
        return is_kept(fate);
    }
    void end(const DeviceNode&) override {}
    [[nodiscard]] std::string_view of(std::size_t reason) const {
        return {lists_[reason].text.data(), lists_[reason].used};
    }

  private:
    struct List {
        std::array<char, 160> text{};
        std::size_t used = 0;
    };
    std::array<List, std::size(reasons)> lists_{};
};

} // namespace

u64 HostResources::device_bytes() const {
    u64 bytes = 0;
    for (const PaRange& range : devices) {
        bytes += range.size;
    }
    return bytes;
}

unsigned HostResources::interrupt_count() const {
    unsigned count = 0;
    for (const u32 word : interrupts.spis) {
        count += static_cast<unsigned>(std::popcount(word));
    }
    return count;
}

unsigned HostResources::address_bits(std::span<const PaRange> ram) const {
    unsigned bits = 32;
    const auto include = [&bits](PaRange range) {
        bits = std::max(bits, static_cast<unsigned>(std::bit_width(range.end().value - 1)));
    };
    std::ranges::for_each(devices, include);
    std::ranges::for_each(ram, include);
    return bits;
}

Result<void> collect(const HostFilter& filter, const machine::Machine& machine, HostResources& resources) {
    Collector collector(filter, machine, resources);
    filter.walk(collector);
    if (!collector.complete()) {
        return fail(Error::TooMany);
    }
    place_emulated(filter, machine, TRY(collector.find_hole()), resources);
    return resources.layout.first_free_intid < end_of_spis ? Result<void>() : fail(Error::NotFound);
}

void log_resources(const HostFilter& filter, const HostResources& resources, std::string_view host) {
    log("{}: keeps {} nodes of the machine's device tree: {} ranges of registers ({} MiB), {} interrupts", host,
        resources.kept, resources.devices.size(), resources.device_bytes() / MiB, resources.interrupt_count());
    Names names;
    filter.walk(names);
    for (std::size_t i = 0; i < std::size(reasons); ++i) {
        if (!names.of(i).empty()) {
            log("{}: without {} ({})", host, names.of(i), reason_of(reasons[i]));
        }
    }
}

} // namespace trv::guest
