// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/optee_build.hpp"

#include "tool/support/hash.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace trv::tool::firmware {
namespace {

constexpr std::uint64_t kib = 1024;

std::string flag(const char* name, bool set) {
    return fmt::format("{}={}", name, set ? 'y' : 'n');
}

} // namespace

std::vector<std::string> OpteeBuild::settings() const {
    std::vector<std::string> all{fmt::format("PLATFORM={}", port->platform), "CFG_ARM64_core=y",
                                 "CFG_USER_TA_TARGETS=ta_arm64"};
    all.insert(all.end(), port->settings.begin(), port->settings.end());
    const std::vector<std::string> others{
        flag("CFG_NS_VIRTUALIZATION", vms != 0), fmt::format("CFG_NUM_THREADS={}", threads),
        // Tables for what a thread's application maps, 2 MiB each; OP-TEE's default for two threads without LPAE.
        fmt::format("CFG_PGT_CACHE_ENTRIES={}", 4 * threads), fmt::format("CFG_CORE_HEAP_SIZE={}", heap),
        // Applications need one of the second to the fourth GiB for themselves [core_mmu_lpae.c, set_user_va_idx()].
        // A core in RAM begins in the second; with the usual 32 bits ASLR often puts the rest into the two others.
        "CFG_LPAE_ADDR_SPACE_BITS=39",
        // Otherwise page tables of partitions are not freed with them [core_mmu_lpae.c, core_free_mmu_prtn()], so that a
        // VM that restarts again and again uses OP-TEE's memory up, and a partition for which none is left stops it.
        "CFG_DYN_CONFIG=n", fmt::format("CFG_TEE_CORE_LOG_LEVEL={}", log_level), flag("CFG_WITH_STATS", statistics),
        flag("CFG_ENABLE_EMBEDDED_TESTS", tests),
        // Its callback drops a reference to a partition while it holds the lock that a partition's end takes, so a CPU
        // hangs when a VM ends at that moment [core/tests/notif_test_wd.c]. xtest does not need it.
        "CFG_NOTIF_TEST_WD=n", fmt::format("DEBUG={}", debug ? 1 : 0),
        fmt::format("CFG_TZDRAM_START={:#x}", memory.base), fmt::format("CFG_TZDRAM_SIZE={:#x}", memory.size)};
    all.insert(all.end(), others.begin(), others.end());
    if (debug) {
        all.emplace_back("CFG_TA_ASLR=n"); // a debugger then has one address for all instances of an application
    }
    if (ftrace) {
        all.emplace_back("CFG_FTRACE_SUPPORT=y");
        all.emplace_back("CFG_TA_MCOUNT=y"); // of what is built with its kit
    }
    if (vms != 0) {
        all.push_back(fmt::format("CFG_VIRT_GUEST_COUNT={}", vms));
        // What the core keeps of each partition.
        all.push_back(fmt::format("CFG_CORE_NEX_HEAP_SIZE={}", 8 * kib + 4 * kib * vms));
    }
    return all;
}

std::string OpteeBuild::name() const {
    constexpr std::size_t digits = 10;
    return std::string{name_begin} +
           sha256(fmt::format("{} {} {}", fmt::join(settings(), " "), address_spaces, is_in_ram)).substr(0, digits);
}

std::uint64_t partition_data(const OpteeBuild& build) {
    // Per thread four tables of 4 KiB for its application, and a stack of 8 KiB with its canaries.
    return 96 * kib + build.heap + 25 * kib * build.threads;
}

std::uint64_t partition_overhead(const OpteeBuild& build) {
    // Two first-level tables for each of four CPUs, 11 others, and one per thread
    // [core_mmu_get_total_pages_size(), core_mmu_lpae.c].
    return partition_data(build) + (2 * 4 + 11) * 4 * kib + 4 * kib * build.threads;
}

} // namespace trv::tool::firmware
