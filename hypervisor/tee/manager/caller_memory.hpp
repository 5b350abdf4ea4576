// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory of the caller that a command's parameter refers to. It stays pinned until the call ends, but the caller can
// change it at any time: what was read once is not read again.

#include "tee/optee/shared_memory/shared_memory.hpp"

#include <span>

namespace trv::tee::manager {

class CallerMemory {
  public:
    CallerMemory() = default;
    /// @param offset of its first byte in the buffer's pages
    /// @param size   the mediator has checked that it is within the buffer
    CallerMemory(optee::SharedMemory& shared, optee::SharedMemory::Place place, u64 size)
        : shared_(&shared), place_(place), size_(size) {}

    [[nodiscard]] u64 size() const { return size_; }
    // Precondition of both: it is within. Cost grows with the size; at most a few runs of pages are passed over.

    void read(u64 offset, std::span<u8> to) const;
    void write(u64 offset, std::span<const u8> from) const;

    // The registered buffer that it is in, as a whole. Precondition of all: a parameter.

    [[nodiscard]] optee::SharedMemory::Extent buffer() const { return shared_->extent_of(place_.buffer); }
    /// Whether it is the buffer's beginning.
    [[nodiscard]] bool is_first() const { return place_.offset == 0; }
    /// From now on the buffer's end calls Service::end_loan(). @return false if it has ended already
    [[nodiscard]] bool lend() const { return shared_->lend(place_.buffer); }
    /// Calls visit(memory::FrameRun) for all its pages.
    template <typename Visit>
    void for_each_run(Visit visit) const {
        shared_->for_each_run(place_.buffer, 0, buffer().pages, visit);
    }

  private:
    optee::SharedMemory* shared_ = nullptr;
    optee::SharedMemory::Place place_{};
    u64 size_ = 0;
};

} // namespace trv::tee::manager
