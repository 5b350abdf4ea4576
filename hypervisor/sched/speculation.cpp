// SPDX-License-Identifier: Apache-2.0
#include "sched/speculation.hpp"

#include "arch/cpu/cpu_model.hpp"
#include "arch/cpu/errata.hpp"
#include "arch/memory/tlb.hpp"
#include "arch/smccc.hpp"
#include "generated/option/predictor_call_at_exits.hpp"
#include "generated/option/speculation.hpp"
#include "lib/log.hpp"
#include "sched/per_cpu.hpp"

#include <algorithm>

namespace trv::sched {

namespace {

void log_measures_of(const PerCpu& cpu) {
    const u64 midr = cpu.facts.midr;
    log("CPU {} (MIDR {}): against speculation, at exits {}, between VMs {}; {}", cpu.index, hex(midr, 8),
        arch::name_of(cpu.measures.at_exit), cpu.measures.switch_call != 0 ? "firmware call" : "nothing",
        option::speculation ? arch::name_of(cpu.measures.exposure) : "left out of this image (Kconfig SPECULATION)");
    for (const arch::GuestHazard& hazard : arch::guest_hazards(midr)) {
        log("CPU {}: {} have erratum {}: {}", cpu.index, hazard.cpus, hazard.number, hazard.effect);
    }
}

} // namespace

void start_measures(PerCpu& cpu) {
    cpu.facts = arch::read_cpu_facts();
    if (arch::repeats_tlbi(cpu.facts.midr)) {
        arch::tlbi_twice.store(true, std::memory_order_relaxed);
    }
    if constexpr (option::speculation) {
        cpu.measures = arch::choose_measures(cpu.facts, option::predictor_call_at_exits);
    }
    cpu.exit_call = cpu.measures.exit_call;
    cpu.loop_count = cpu.measures.loop_count;
    // Whatever the option: guests have no switch of their own for it.
    if (cpu.facts.workaround2 == 0) {
        constexpr u64 on = 1;
        arch::smc({{arch::smccc::ArchWorkaround2, on}});
    }
}

void log_measures(std::span<const PerCpu> cpus) {
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        const auto is_like = [&cpu = cpus[i]](const PerCpu& other) { return other.facts.midr == cpu.facts.midr; };
        if (std::ranges::none_of(cpus.first(i), is_like)) {
            log_measures_of(cpus[i]);
        }
    }
}

void forget_branches(PerCpu& cpu, u64 vttbr) {
    if (cpu.measures.switch_call == 0 || cpu.predictor_owner == vttbr) {
        return;
    }
    cpu.predictor_owner = vttbr;
    arch::smc({{cpu.measures.switch_call}});
}

} // namespace trv::sched
