// SPDX-License-Identifier: Apache-2.0
#pragma once
// The flash in which a VM's firmware keeps its variables, and who of the host keeps them in a file. As old as the
// description of a VM that the host made; otherwise as old as the VM.

#include "generated/option/firmware.hpp"
#include "lib/unique.hpp"
#include "memory/physical/frames.hpp"
#include "vdev/firmware/flash_content.hpp"

#include <atomic>
#include <type_traits>

namespace trv::vm {

class Variables {
  public:
    /// Erased. @return Error::NoMemory
    [[nodiscard]] static Result<Unique<Variables>> create(memory::FramePool& pool, memory::FrameOwner owner);
    explicit Variables(memory::Frames frames);
    Variables(const Variables&) = delete;
    Variables& operator=(const Variables&) = delete;

    [[nodiscard]] Pa base() const { return frames_.base(); }
    [[nodiscard]] vdev::FlashContent& content() { return content_; }

    /// Gives the next part of its memory back. @return whether all is given back. Precondition: no VM maps it any more.
    [[nodiscard]] bool give_back_step();

    /// From now on this session of the host's keeps the content. @param changes that it has kept already. Context: any CPU.
    void keep(u32 session, u64 changes) {
        kept_.store(changes);
        keeper_.store(session);
    }
    /// No effect if another session keeps it.
    void end_keeping(u32 session) { (void)keeper_.compare_exchange_strong(session, none); }
    /// Whether a session has yet to keep the last changes.
    [[nodiscard]] bool is_awaited() { return keeper_.load() != none && kept_.load() != content_.changes(); }

  private:
    static constexpr u32 none = 0; ///< no session has that number

    memory::Frames frames_;
    vdev::FlashContent content_;
    std::atomic<u32> keeper_ = none;
    std::atomic<u64> kept_ = 0;
};

/// In images without the option no VM has any.
struct NoVariables {
    [[nodiscard]] static constexpr Variables* get() { return nullptr; }
};
using OwnedVariables = std::conditional_t<option::firmware, Unique<Variables>, NoVariables>;

} // namespace trv::vm
