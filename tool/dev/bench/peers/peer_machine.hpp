// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/dev/bench/peers/peer.hpp"
#include "tool/qemu/qemu_options.hpp"
#include "tool/run_folder/run_folder.hpp"
#include "tool/support/error.hpp"
#include "tool/support/paths.hpp"

#include <cstdint>
#include <filesystem>

namespace trv::tool::dev::bench {

/// The guest that is measured, the same on every peer.
struct BenchGuest {
    std::filesystem::path kernel{};  // raw Image
    std::filesystem::path ramdisk{}; // empty: none
    std::string commands{};          // of a bare-metal guest; empty: Linux it is
    std::uint64_t memory = 0;        // bytes
    unsigned vcpus = 1;
    unsigned count = 1;    // of guests at once; more than one with Trivisor only
    unsigned with_tee = 1; // number of VMs with an OP-TEE
};

/// The board, and how time passes on it.
struct BenchBoard {
    const platform::Platform* platform = &platform::qemu_virt; // never null
    unsigned cpus = 1;
    Clock clock = Clock::Icount;
};

/// The OP-TEE of a peer: for two VMs, and the same but for virtualization; for more another one, with Trivisor only.
/// @param users VMs with a TEE
[[nodiscard]] firmware::Optee optee_of(const platform::Platform& platform, Peer peer, unsigned users);

/// A machine that boots the guests on a peer, everything it needs in the run's folder.
[[nodiscard]] Result<qemu::QemuOptions> prepare_peer(const Paths& paths, const run_folder::RunFolder& folder, Peer peer,
                                                     const BenchGuest& guest, const BenchBoard& board);

} // namespace trv::tool::dev::bench
