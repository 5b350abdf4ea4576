// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kernel or a RAM disk that comes piece by piece, kept in frames of its VM's until the VM is forgotten: each start
// copies it.

#include "lib/heap_array.hpp"
#include "memory/frame_pool.hpp"

#include <span>

namespace trv::vm {

class LoadedImage {
  public:
    static constexpr u64 largest = 4096 * MiB;

    /// None: of size 0.
    LoadedImage() = default;
    /// @param size at most `largest`. @return Error::NoMemory
    [[nodiscard]] static Result<LoadedImage> create(u64 size);

    [[nodiscard]] u64 size() const { return size_; }
    [[nodiscard]] u64 loaded() const { return loaded_; }

    /// Where the next bytes go, as many as lie in one piece. Empty at the end. @return Error::NoMemory
    [[nodiscard]] Result<std::span<u8>> next_room(memory::FramePool& pool, memory::FrameOwner owner);
    /// The next bytes are there. Precondition: there is room for them.
    void add(u64 bytes) { loaded_ += bytes; }

    /// Bytes of it that lie in one piece.
    struct Piece {
        Pa pa;
        u64 bytes;
    };
    /// Precondition: position < loaded().
    [[nodiscard]] Piece at(u64 position) const;

    /// Scrubs and frees its next frames. @return whether all are free
    [[nodiscard]] bool give_back_step();

  private:
    static constexpr u64 block_bytes = 2 * MiB;

    HeapArray<memory::Frames> blocks_; ///< all of block_bytes but the last
    u64 size_ = 0;
    u64 loaded_ = 0;
};

} // namespace trv::vm
