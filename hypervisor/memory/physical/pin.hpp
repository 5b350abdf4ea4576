// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guarantee that frames keep their owner, as an object: the destructor ends it.

#include "memory/physical/frame_table.hpp"

#include <utility>

namespace trv::memory {

class Pin {
  public:
    constexpr Pin() = default;

    /// Source of errors and cost: FrameTable::pin().
    [[nodiscard]] static Result<Pin> take(FrameTable& table, FrameRun run, FrameOwner owner) {
        TRY(table.pin(run, owner));
        return Pin(table, run);
    }
    /// One frame.
    [[nodiscard]] static Result<Pin> take(FrameTable& table, Pa frame, FrameOwner owner) {
        return take(table, FrameRun{frame, 1}, owner);
    }

    Pin(Pin&& other) noexcept : table_(std::exchange(other.table_, nullptr)), run_(other.run_) {}
    Pin& operator=(Pin&& other) noexcept {
        if (this != &other) {
            reset();
            table_ = std::exchange(other.table_, nullptr);
            run_ = other.run_;
        }
        return *this;
    }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    ~Pin() { reset(); }

    [[nodiscard]] explicit operator bool() const { return table_ != nullptr; }
    [[nodiscard]] FrameRun run() const { return run_; }

    void reset() {
        if (FrameTable* const table = std::exchange(table_, nullptr); table != nullptr) {
            table->unpin(run_);
        }
    }

    /// Passes ownership to the caller, which must call FrameTable::unpin().
    [[nodiscard]] FrameRun release() {
        table_ = nullptr;
        return run_;
    }

  private:
    Pin(FrameTable& table, FrameRun run) : table_(&table), run_(run) {}

    FrameTable* table_ = nullptr;
    FrameRun run_;
};

} // namespace trv::memory
