// SPDX-License-Identifier: Apache-2.0
#pragma once
// The invariants of each entry into OP-TEE, whatever a guest does: a model of partitions, threads, sessions and
// registered memory whose only inputs are the SMCs themselves and the frame table. Unit tests and the fuzzer check it
// at each SMC; an image with the option TEE_MODEL does as well (model_guard.hpp).
//
// It shares only the layouts with the mediator. Several CPUs may be in OP-TEE at once, but only one at a time calls the
// model.

#include "arch/smccc.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/physical/frame_table.hpp"
#include "tee/optee/abi/message.hpp"
#include "tee/optee/abi/smc.hpp"
#include "tee/optee/model/model_pool.hpp"

#include <array>
#include <utility>

namespace trv::tee::optee {

class Model {
  public:
    /// The violation, or null.
    using Violation = const char*;

    static constexpr unsigned max_partitions = 16;
    static constexpr unsigned max_model_threads = 8;
    static constexpr unsigned max_cookies = 2048;
    static constexpr unsigned max_pages = 65536;
    static constexpr unsigned pictures = 6; ///< of OP-TEE's pool for shared memory, for each partition
    /// Pages that OP-TEE has translation tables for in its least favourable layout.
    static constexpr u32 pool_pages = 2048;
    static constexpr u32 no_thread = ~u32{0}; ///< OP-TEE's choice is not known yet

    /// A call that OP-TEE has not ended, as far as the model knows.
    struct Call {
        bool used = false;
        bool inside = false; ///< a CPU is executing it; otherwise it waits for normal world
        u32 thread = no_thread;
        Pa argument;
        u32 command = 0;
        u32 num_params = 0;
        u32 rpc = 0; ///< the request that it waits for
        Pa rpc_argument;
        u64 alloc_cookie = 0; ///< its RPC argument from an ALLOC
        Pa alloc;
        std::array<u64, msg::most_params> references{}; ///< cookies of its parameters
        /// In each picture: which of them a pseudo TA has mapped.
        std::array<u8, pictures> mapped{};
    };
    /// The result of enter(); leave() of the same SMC needs the call.
    struct Entry {
        Violation violation = nullptr;
        Call* call = nullptr; ///< null for fast calls
    };

    Model(const memory::FrameTable& frames, PaRange arena) : frames_(frames), arena_(arena) {}

    /// Assigns the partition that was created last to that VM.
    void bind(u16 id, memory::FrameOwner owner);
    /// The maximum number of pages that OP-TEE's core may have to map for one partition.
    void set_map_budget(u32 pages) { map_budget_ = pages; }

    /// Before the SMC.
    [[nodiscard]] Entry enter(const arch::SmcArguments& smc);
    /// After it.
    /// @param call as enter() found it
    [[nodiscard]] Violation leave(const arch::SmcArguments& smc, const arch::SmcResult& result, Call* call);
    /// An invariant at any time: all memory registered with OP-TEE is its VM's, and pinned.
    [[nodiscard]] Violation check() const;

    [[nodiscard]] unsigned partitions() const;
    [[nodiscard]] unsigned threads_in_use(u16 id) const;

  private:
    /// An ended call counts until its CPU reports it, when another call may have its thread.
    static constexpr unsigned max_calls = 2 * max_model_threads;
    struct Partition {
        u16 id = 0;
        memory::FrameOwner owner = memory::FrameOwner::Free;
        std::array<Call, max_calls> calls{};
        std::array<PoolPicture, pictures> pool{};
        u32 highest = 0; ///< page that was mapped in any of them

        /// In place: it is too large for a stack.
        void reset() {
            id = 0;
            owner = memory::FrameOwner::Free;
            calls.fill({});
            for (PoolPicture& picture : pool) {
                picture.clear();
            }
            highest = 0;
        }
    };
    struct Cookie {
        u64 cookie = 0;
        u16 id = 0;
        bool live = false; ///< otherwise being registered or unregistered
        bool rpc = false;
        u32 pages = 0;
        u32 references = 0; ///< parameters of calls in progress
    };
    struct Page {
        u64 cookie = 0;
        u16 id = 0;
        Pa pa;
    };

    [[nodiscard]] Partition* find(u16 id);
    [[nodiscard]] Cookie* find_cookie(u16 id, u64 cookie);
    [[nodiscard]] bool in_arena(Pa pa, u64 size) const { return arena_.contains(PaRange{pa, size}); }
    [[nodiscard]] Violation enter_without_id(const arch::SmcArguments& smc);
    [[nodiscard]] Entry enter_partition(Partition& partition, const arch::SmcArguments& smc);
    [[nodiscard]] Entry begin(Partition& partition, const arch::SmcArguments& smc);
    [[nodiscard]] Violation check_message(Partition& partition, Call& call);
    [[nodiscard]] Violation check_params(Partition& partition, Call& call, u32 first);
    [[nodiscard]] Entry resume(Partition& partition, const arch::SmcArguments& smc);
    [[nodiscard]] Violation check_answer(Partition& partition, Call& call, const arch::SmcArguments& smc);
    [[nodiscard]] Violation check_reply(Partition& partition, Call& call);
    [[nodiscard]] Violation add_memory(Partition& partition, const msg::Param& param, bool rpc);
    [[nodiscard]] Violation add_page(Partition& partition, u64 cookie, Pa page);
    [[nodiscard]] Violation check_page(const Page& page) const;
    void remove_memory(u16 id, u64 cookie);
    [[nodiscard]] Violation rpc_came(Partition& partition, Call& call, const arch::SmcResult& result);
    void ended(Partition& partition, Call& call, const arch::SmcResult& result);
    [[nodiscard]] Violation check_budget(const Partition& partition) const;
    void play(Partition& partition, unsigned picture);
    void toggle(Partition& partition, Call& call, unsigned picture);
    void map_in(Partition& partition, unsigned picture, u64 cookie, u32 pages);
    void map_reply(Partition& partition, u64 cookie, u32 pages);
    void map_list(Partition& partition);
    void unmap_references(Partition& partition, Call& call);
    [[nodiscard]] static msg::Header header_at(Pa pa) { return *memory::direct_map<msg::Header>(pa); }
    [[nodiscard]] static msg::Param param_at(Pa pa, u32 i) {
        return *memory::direct_map<msg::Param>(pa + msg::param_offset(i));
    }

    const memory::FrameTable& frames_;
    PaRange arena_;
    u32 map_budget_ = ~u32{0};
    std::array<Partition, max_partitions> partitions_{};
    std::array<Cookie, max_cookies> cookies_{};
    unsigned cookie_count_ = 0;
    std::array<Page, max_pages> pages_{};
    unsigned page_count_ = 0;
    Lots lots_;
};

} // namespace trv::tee::optee
