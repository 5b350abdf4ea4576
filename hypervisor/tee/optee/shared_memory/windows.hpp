// SPDX-License-Identifier: Apache-2.0
#pragma once
// Windows into buffers that are too large to be registered as a whole. They stay registered after their first use, for
// the next one.

#include "tee/optee/shared_memory/records.hpp"

namespace trv::tee::optee {

class Windows {
  public:
    /// Of all windows, unless calls use more: each page takes eight bytes of OP-TEE's heap.
    static constexpr u32 most_pages = 4 * ShadowList::max_pages;

    explicit Windows(Records& records) : records_(records) {}

    /// Whether the reference still lacks its window.
    [[nodiscard]] bool lacks(const Memref& memref) const {
        return memref.window == none && !records_.is_whole(memref.buffer);
    }
    enum class Step : u8 { Ready, Register, Evict };
    struct Task {
        Step step;
        u32 window;
    };
    /// Finds or creates the window of a reference; if it is Ready or to be registered, the reference holds a use of it.
    /// @return the slot's next action; Refusal::MapBudget
    [[nodiscard]] Checked<Task> want(Memref& memref) EXCLUDES(records_.lock);
    /// The window that was not used for the longest time, of those that no call uses: it is for OP-TEE to forget.
    /// @return none if there is none
    [[nodiscard]] u32 take_idle() EXCLUDES(records_.lock);
    [[nodiscard]] bool has_idle() const EXCLUDES(records_.lock);
    void registered(u32 window) EXCLUDES(records_.lock);
    /// OP-TEE refused the window: the reference has none again.
    void refused(Memref& memref) EXCLUDES(records_.lock);
    void unregistered(u32 window, bool success) EXCLUDES(records_.lock);

    /// For a slot that holds it.
    [[nodiscard]] const Window& get(u32 window) const { return records_.windows[window]; }
    /// The list of a window's pages.
    void write_list(u32 window, const ShadowList& list) const;

  private:
    static constexpr u32 none = Records::none;

    [[nodiscard]] u32 find(const Memref& memref) const REQUIRES(records_.lock);
    [[nodiscard]] u32 find_free() const REQUIRES(records_.lock);
    [[nodiscard]] u32 find_idle() const REQUIRES(records_.lock);
    [[nodiscard]] bool is_crowded(u32 more_pages) const REQUIRES(records_.lock);
    void use(u32 window) REQUIRES(records_.lock);

    Records& records_;
    u64 last_use_ GUARDED_BY(records_.lock) = 0;
};

} // namespace trv::tee::optee
