// SPDX-License-Identifier: Apache-2.0
#pragma once
// OP-TEE with NS virtualization, as far as normal world can tell: partitions, threads, sessions, registered memory,
// RPCs and notifications. It reads the arena and page lists as the real one does, and asks the model at each entry.

#include "arch/smccc.hpp"
#include "memory/physical/frame_table.hpp"
#include "tee/optee/model/model.hpp"
#include "tee/optee/uuid.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace trv::test {

class FakeOptee {
  public:
    struct Thread;

    /// One request of OP-TEE's in the course of a call.
    struct Rpc {
        u32 code = tee::optee::abi::RpcForeignInterrupt;
        u32 command = 0;                            ///< for RpcCommand
        std::vector<tee::optee::msg::Param> params; ///< for RpcCommand
        std::function<void(Thread&)> fill;          ///< last changes before it goes out: Thread::rpc_param()
        std::function<void(Thread&)> answered;      ///< reads what came back
    };

    struct Memory {
        std::vector<Pa> pages;
        u64 offset = 0;
        u64 size = 0;
        /// A byte of it, as OP-TEE sees it.
        [[nodiscard]] u8* at(u64 i) const {
            return memory::direct_map<u8>(pages[(offset + i) / page_size] + (offset + i) % page_size);
        }
    };

    struct Thread {
        FakeOptee* optee = nullptr;
        u16 id = 0;
        unsigned number = 0;
        bool used = false;
        Pa argument;
        Pa rpc_argument;
        u64 rpc_cookie = 0; ///< of an argument from an ALLOC
        std::deque<Rpc> script;
        std::optional<Rpc> current;
        std::vector<u64> allocated; ///< cookies from SHM_ALLOC

        [[nodiscard]] tee::optee::msg::Header& header() const {
            return *memory::direct_map<tee::optee::msg::Header>(argument);
        }
        [[nodiscard]] tee::optee::msg::Param& param(u32 i) const {
            return *memory::direct_map<tee::optee::msg::Param>(argument + tee::optee::msg::param_offset(i));
        }
        [[nodiscard]] tee::optee::msg::Header& rpc_header() const {
            return *memory::direct_map<tee::optee::msg::Header>(rpc_argument);
        }
        [[nodiscard]] tee::optee::msg::Param& rpc_param(u32 i) const {
            return *memory::direct_map<tee::optee::msg::Param>(rpc_argument + tee::optee::msg::param_offset(i));
        }
    };

    FakeOptee(const memory::FrameTable& frames, PaRange arena)
        : model_storage_(std::make_unique<tee::optee::Model>(frames, arena)), model(*model_storage_) {}

    /// The conduit. A violation of the model's invariants is kept in `violation`.
    arch::SmcResult smc(const arch::SmcArguments& call);

    // What requests there are, for script.
    static Rpc foreign() { return {}; }
    static Rpc command(u32 command, std::vector<tee::optee::msg::Param> params,
                       std::function<void(Thread&)> answered = {}) {
        return {tee::optee::abi::RpcCommand, command, std::move(params), {}, std::move(answered)};
    }
    static Rpc allocate_argument();
    static Rpc free_argument();
    /// Payload memory; its cookie goes to Thread::allocated if there was any.
    static Rpc allocate(u64 size, u64 type = 0);
    /// The last that was allocated. Nothing if there is none.
    static Rpc free_last();

    /// A request for an application's file; answered without error, it is loaded.
    static Rpc load(const tee::optee::Uuid& uuid);

    std::map<u64, Memory>& memory_of(u16 id) { return partitions[id].memory; }

    // Configuration
    bool present = true;
    bool virtualized_build = true;
    u32 capabilities = 0xfd;
    unsigned threads = 2;
    unsigned max_partitions = 2;
    u32 max_notification = 66;
    /// Those that are loaded from the supplicant, and whether they stay when their last session is closed. All others
    /// are there without being loaded, as pseudo TAs are.
    std::map<tee::optee::Uuid, bool> applications;
    /// Identifiers for partitions and for those that are loaded. One more than that is a violation.
    std::size_t address_spaces = ~std::size_t{0};

    /// The requests of the next call of a trusted application, or of the next one of any kind.
    std::deque<Rpc> next_script;
    bool script_any_command = false;
    /// What an application does with an INVOKE or OPEN when its requests are through; it may write params and ret.
    std::function<void(Thread&)> application;
    u32 next_ret = 0;    ///< of the next message
    u32 next_origin = 4; ///< of its error, if it is one
    /// Pages that its heap has room for in lists of registered memory.
    u64 heap_pages = ~u64{0};
    std::optional<u32> next_code; ///< instead of looking at the next call at all

  private:
    std::unique_ptr<tee::optee::Model> model_storage_; // too large for a stack

  public:
    struct Partition {
        std::vector<Thread> threads;
        std::map<u64, Memory> memory;
        u32 next_session = 1;
        std::map<u32, tee::optee::Uuid> sessions;
        std::set<tee::optee::Uuid> loaded;
        bool notifications = false;
        u64 pending = 0;
    };
    std::map<u16, Partition> partitions;
    std::size_t lost_sessions = 0;     ///< that were open when their partition was destroyed
    std::size_t lost_applications = 0; ///< that were loaded then: their ASIDs are gone for good
    std::vector<arch::SmcArguments> calls;
    tee::optee::Model& model;
    std::string violation;        ///< the first one
    std::function<void()> inside; ///< runs while a CPU is in OP-TEE for a yielding call

  private:
    arch::SmcResult dispatch(const arch::SmcArguments& call);
    arch::SmcResult without_id(const arch::SmcArguments& call);
    arch::SmcResult fast(Partition& partition, u32 function);
    arch::SmcResult begin(Partition& partition, u16 id, Pa argument);
    arch::SmcResult resume(Partition& partition, const arch::SmcArguments& call);
    arch::SmcResult go_on(Partition& partition, Thread& thread);
    arch::SmcResult ask(Thread& thread);
    arch::SmcResult end(Partition& partition, Thread& thread);
    void open(Partition& partition, Thread& thread);
    void close(Partition& partition, u32 session) const;
    /// Unless it is in use, or is to stay.
    void unload(Partition& partition, const tee::optee::Uuid& uuid) const;
    void destroy(u16 id);
    void check_address_spaces();
    [[nodiscard]] static u64 known_pages(const Partition& partition);
    static Memory read_list(const tee::optee::msg::Param& param);
    void note(const char* what);
};

} // namespace trv::test
