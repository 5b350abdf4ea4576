// SPDX-License-Identifier: Apache-2.0
#include "tool/machine/readers/optee_reader.hpp"

#include "tool/machine/values/byte_size.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

namespace trv::tool::machine {

namespace {

using firmware::OpteeBuild;

constexpr std::array<std::string_view, 2> sources{"debian", "source"};
constexpr std::array<std::string_view, 11> keys{"vms",           "threads",        "heap",     "ta_memory",
                                                "secure_memory", "statistics",     "tests",    "debug",
                                                "ftrace",        "address_spaces", "log_level"};

constexpr std::uint64_t page = 4 * kib;
constexpr std::uint64_t grain = 64 * kib;          // of memory for trusted applications, for readable numbers
constexpr std::uint64_t least_share = mib;         // that trusted applications run in
constexpr std::uint64_t usual_share = 12 * mib;    // that serves 64 sessions at once, as without a hypervisor and more
constexpr std::uint64_t files_reserve = 128 * mib; // kernels and RAM disks of ordinary machines
constexpr unsigned usual_vms = 4;                  // so that most machines use the same build
constexpr unsigned usual_secure_vms = 2;
constexpr unsigned least_address_spaces = 32;
constexpr unsigned most_log_level = 4;
constexpr std::uint64_t usual_heap = 512 * kib; // each session takes about 3.6 KiB
constexpr std::uint64_t small_heap = 192 * kib; // as Debian's
constexpr std::uint64_t least_heap = 64 * kib;
constexpr std::uint64_t most_heap = mib; // the core has 2 MiB of addresses for itself [generic_ram_layout.h]

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t step) {
    return (value + step - 1) / step * step;
}

/// The options, and what the machine needs.
class Plan {
  public:
    /// @param table  of the options; none: all are as usual
    Plan(const MachineDescription& machine, const TableReader* table) : machine_{machine}, table_{table} {}

    Result<OpteeBuild> make() {
        build_.port = machine_.platform->firmware.optee_port;
        if (table_ != nullptr) {
            TRY(table_->expect_only(keys));
            TRY(read_numbers());
            TRY(read_switches());
            TRY(read_memory());
        }
        TRY(choose_place());
        TRY(secure_ ? plan_secure() : plan_ram());
        return build_;
    }

  private:
    Result<void> read_numbers() {
        vms_ = TRY(table_->number("vms", 1, contract::max_vms));
        build_.threads = TRY(table_->number("threads", 1, contract::most_tee_calls)).value_or(build_.threads);
        build_.log_level = TRY(table_->number("log_level", 0, most_log_level)).value_or(build_.log_level);
        build_.address_spaces =
            TRY(table_->number("address_spaces", least_address_spaces, firmware::most_address_spaces))
                .value_or(build_.address_spaces);
        heap_ = TRY(table_->size("heap"));
        if (heap_ && (*heap_ < least_heap || *heap_ > most_heap || *heap_ % page != 0)) {
            return table_->wrong("heap", fmt::format("{} is not possible", format_size(*heap_)),
                                 fmt::format("Write {} to {}, a multiple of 4KiB: heap = \"512KiB\".",
                                             format_size(least_heap), format_size(most_heap)));
        }
        return {};
    }

    Result<void> read_switches() {
        build_.statistics = TRY(table_->truth("statistics")).value_or(build_.statistics);
        build_.tests = TRY(table_->truth("tests")).value_or(build_.tests);
        build_.debug = TRY(table_->truth("debug")).value_or(build_.debug);
        build_.ftrace = TRY(table_->truth("ftrace")).value_or(build_.ftrace);
        return {};
    }

    Result<void> read_memory() {
        share_ = TRY(table_->size("ta_memory"));
        if (share_ && (*share_ < least_share || *share_ % grain != 0)) {
            return table_->wrong("ta_memory", fmt::format("{} is not possible", format_size(*share_)),
                                 fmt::format("Write {} or more, a multiple of 64KiB.", format_size(least_share)));
        }
        secure_given_ = TRY(table_->truth("secure_memory"));
        return {};
    }

    Result<void> choose_place() {
        if (vms_ && *vms_ < users_) {
            return table_->wrong("vms", fmt::format("{} is too few: {} VMs have a TEE", *vms_, users_),
                                 fmt::format("Write vms = {} or more, or omit the key.", users_));
        }
        // Devices of the machine reach all of its RAM.
        secure_ = secure_given_.value_or(host_);
        set_size();
        if (!secure_ && !secure_given_ && !share_ && total(usual_share) > free_ram()) {
            lacking_ram_ = total(usual_share) - free_ram();
            secure_ = true;
            set_size();
        }
        return {};
    }

    void set_size() {
        build_.vms =
            vms_.value_or(secure_ ? std::max(users_, usual_secure_vms) : std::bit_ceil(std::max(users_, usual_vms)));
        build_.heap = heap_.value_or(secure_ ? small_heap : usual_heap);
    }

    [[nodiscard]] std::uint64_t total(std::uint64_t share) const {
        const std::uint64_t each = share + firmware::partition_overhead(build_);
        return rounded_up(firmware::optee_core_window + build_.vms * each, contract::memory_step);
    }

    /// What the VMs leave of the machine's memory.
    [[nodiscard]] std::uint64_t free_ram() const {
        std::uint64_t used = hypervisor_reserve(machine_.memory) + files_reserve;
        for (const auto& vm : machine_.vms) {
            used += vm.memory;
        }
        return machine_.memory - std::min(machine_.memory, used);
    }

    /// The most that each of `vms` VMs can have of a range.
    [[nodiscard]] std::uint64_t largest_share(std::uint64_t size, unsigned vms) const {
        const std::uint64_t all = size - std::min(size, firmware::optee_core_window);
        const std::uint64_t each = all / vms;
        return (each - std::min(each, firmware::partition_overhead(build_))) / grain * grain;
    }

    /// The most VMs of which each gets the least share of a range.
    [[nodiscard]] unsigned most_vms(std::uint64_t size) const {
        unsigned fit = build_.vms;
        while (fit > 0 && largest_share(size, fit) < least_share) {
            --fit;
        }
        return fit;
    }

    /// What to do if a range is too small for the VMs.
    [[nodiscard]] std::string remedy(unsigned fit, std::string_view otherwise) const {
        if (lacking_ram_ != 0) {
            return fmt::format(
                "Raise [machine] memory by {}, or lower that of the VMs: OP-TEE is in secure memory because "
                "they leave it too little. Or let at most {} VMs have a TEE.",
                format_size(rounded_up(lacking_ram_, mib)), fit);
        }
        return fit < users_ ? fmt::format("Let at most {} VMs have a TEE{}.", fit, otherwise)
                            : fmt::format("Write vms = {} or less{}.", fit, otherwise);
    }

    Result<void> check_share(std::uint64_t size, std::string_view what, std::string_view otherwise) const {
        const std::uint64_t most = largest_share(size, build_.vms);
        const std::string memory = fmt::format("the {} of {}", format_size(size), what);
        if (most < least_share) {
            return wrong_for("vms", fmt::format("{} VMs do not fit {}", build_.vms, memory),
                             remedy(most_vms(size), otherwise));
        }
        if (share_ && *share_ > most) {
            return wrong_for("ta_memory",
                             fmt::format("{} is too much: {} leave {} for each of {} VMs", format_size(*share_), memory,
                                         format_size(most), build_.vms),
                             fmt::format("Write {} or less, or fewer VMs{}.", format_size(most), otherwise));
        }
        return {};
    }

    Result<void> plan_secure() {
        const auto& secure = machine_.platform->firmware.optee_memory.secure;
        TRY(check_share(secure.size, "secure memory",
                        host_ ? ", or secure_memory = false, where the host's devices reach it"
                              : ", or secure_memory = false"));
        build_.memory = secure;
        return {};
    }

    Result<void> plan_ram() {
        const auto& ram = machine_.platform->firmware.optee_memory.ram;
        TRY(check_share(ram.size, "RAM that the firmware can reserve", ""));
        build_.memory = {.base = ram.base, .size = std::min(ram.size, total(share_.value_or(usual_share)))};
        build_.is_in_ram = true;
        return {};
    }

    /// @param key  of the options; the place is that of the machine's memory if there are none
    [[nodiscard]] std::unexpected<Error> wrong_for(std::string_view key, std::string what, std::string hint) const {
        return table_ != nullptr ? table_->wrong(key, std::move(what), std::move(hint))
                                 : wrong_at(machine_.memory_place, "OP-TEE: " + what, std::move(hint));
    }

    const MachineDescription& machine_;
    const TableReader* table_;
    OpteeBuild build_{};
    std::optional<unsigned> vms_{};
    std::optional<std::uint64_t> heap_{};
    std::optional<std::uint64_t> share_{}; // memory for the applications of each VM
    std::optional<bool> secure_given_{};
    bool secure_ = false;
    std::uint64_t lacking_ram_ = 0; // why it is in secure memory
    const unsigned users_ =
        static_cast<unsigned>(std::ranges::count_if(machine_.vms, [](const auto& vm) { return vm.tee.has_value(); }));
    const bool host_ = std::ranges::any_of(machine_.vms, &VmDescription::has_machine_devices);
};

/// Whether a VM has a TEE, or one that the host makes can have it.
bool has_tees(const MachineDescription& machine) {
    return std::ranges::any_of(machine.vms,
                               [](const auto& vm) { return vm.tee.has_value() || vm.has_machine_devices(); });
}

/// The plan for a machine that has as much memory as possible, and these VMs with a TEE.
OpteeBuild plan_for(const platform::Platform& platform, contract::DeviceSet devices, unsigned users) {
    MachineDescription machine{.platform = &platform, .memory = platform.memory.most};
    machine.vms.resize(users);
    for (VmDescription& vm : machine.vms) {
        vm.tee.emplace();
        vm.devices = devices;
    }
    return Plan(machine, nullptr).make().value_or(OpteeBuild{});
}

} // namespace

OpteeBuild usual_optee(const platform::Platform& platform, unsigned users) {
    return plan_for(platform, contract::DeviceSet::Virtual, users);
}

OpteeBuild secure_optee(const platform::Platform& platform) {
    return plan_for(platform, contract::DeviceSet::All, 1);
}

Result<firmware::Optee> read_optee(const TableReader& reader, const MachineDescription& machine) {
    if (const auto table = reader.table(optee_key)) {
        return firmware::Optee{TRY(Plan(machine, &*table).make())};
    }
    const auto word = TRY(reader.choice(optee_key, sources));
    const bool from_source = word ? *word == 1 : has_tees(machine);
    if (word && !from_source && !machine.platform->firmware.has_debian_optee) {
        return reader.wrong(optee_key, fmt::format("Debian has no OP-TEE for {}", machine.platform->name),
                            "Remove the key, so that OP-TEE is built.");
    }
    if (from_source || !machine.platform->firmware.has_debian_optee) {
        return firmware::Optee{TRY(Plan(machine, nullptr).make())};
    }
    return firmware::Optee{firmware::DebianOptee::Virtualized};
}

} // namespace trv::tool::machine
