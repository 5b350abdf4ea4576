// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kernel or a RAM disk that comes piece by piece, kept in frames of its VM's until the VM is forgotten: each start
// copies it.

#include "lib/heap_array.hpp"
#include "memory/physical/frame_pool.hpp"

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

    /// Gets memory for the next bytes, in blocks as large as there are: many small ones would leave none for a VM.
    /// Precondition: the image has so many left. @return Error::NoMemory
    /// Context: one store per frame of at most 64 MiB more than that.
    [[nodiscard]] Result<void> make_room(memory::FramePool& pool, memory::FrameOwner owner, u64 bytes);
    /// Where the next bytes go, as many as lie in one piece. Empty without room.
    [[nodiscard]] std::span<u8> next_room() const;
    /// The next bytes are there. Precondition: there is room for them.
    void add(u64 bytes) { loaded_ += bytes; }

    /// Bytes of it that lie in one piece.
    struct Piece {
        Pa pa;
        u64 bytes;
    };
    /// Precondition: position < loaded().
    [[nodiscard]] Piece at(u64 position) const;

    /// Scrubs and frees its next frames, some ten microseconds' worth: no VM pays for it. @return whether all are free
    [[nodiscard]] bool give_back_step();

  private:
    static constexpr u64 least_block = 2 * MiB; ///< but of the last one
    static constexpr u64 largest_block = 64 * MiB;
    static constexpr u64 scrubbed_at_once = 256 * KiB;

    [[nodiscard]] Result<memory::Frames> next_block(memory::FramePool& pool, memory::FrameOwner owner) const;
    /// From a position on to its block's end. Precondition: position < room_.
    [[nodiscard]] PaRange rest_of_block(u64 position) const;

    HeapArray<memory::Frames> blocks_;
    std::size_t count_ = 0;
    u64 size_ = 0;
    u64 room_ = 0; ///< bytes for which there are blocks
    u64 loaded_ = 0;
};

} // namespace trv::vm
