// SPDX-License-Identifier: Apache-2.0
#pragma once
// What OP-TEE reads instead of the guest's memory, in a slot's part of the arena. Built from checked values.

#include "memory/physical/direct_map.hpp"
#include "memory/physical/frame_table.hpp"
#include "tee/optee/abi/message.hpp"

#include <span>

namespace trv::tee::optee {

/// A page list.
class ShadowList {
  public:
    /// 4 MiB at any offset in the first page.
    static constexpr u32 max_pages = 1025;
    static constexpr unsigned list_pages = (max_pages + msg::list_entries - 1) / msg::list_entries;

    constexpr ShadowList() = default;
    /// @param base list_pages pages of the arena
    constexpr explicit ShadowList(Pa base) : base_(base) {}

    [[nodiscard]] constexpr Pa base() const { return base_; }

    /// Entries are written in order. The address of the next list page is written when it gets its first entry, and is
    /// 0 until then.
    void put(u32 index, std::span<const memory::FrameRun> runs) const {
        u32 list = index / msg::list_entries;
        u32 place = index % msg::list_entries;
        for (const memory::FrameRun& run : runs) {
            for (u32 i = 0; i < run.count; ++i) {
                if (place == msg::list_entries) {
                    ++list;
                    place = 0;
                }
                if (place == 0) {
                    begin(list);
                }
                *word(list, place++) = (run.first + u64{i} * page_size).value;
            }
        }
    }

  private:
    void begin(u32 list) const {
        *word(list, msg::list_entries) = 0;
        if (list != 0) {
            *word(list - 1, msg::list_entries) = (base_ + u64{list} * page_size).value;
        }
    }
    [[nodiscard]] u64* word(u32 list, u32 index) const {
        return memory::direct_map<u64>(base_ + u64{list} * page_size + u64{index} * sizeof(u64));
    }

    Pa base_;
};

/// A message or RPC argument.
class ShadowMessage {
  public:
    constexpr ShadowMessage() = default;
    constexpr explicit ShadowMessage(Pa at) : at_(at) {}

    [[nodiscard]] constexpr Pa pa() const { return at_; }

    void write_header(const msg::Header& header) const { *memory::direct_map<msg::Header>(at_) = header; }
    void write_param(u32 index, const msg::Param& param) const { *param_at(index) = param; }
    [[nodiscard]] msg::Header header() const { return *memory::direct_map<msg::Header>(at_); }
    [[nodiscard]] msg::Param param(u32 index) const { return *param_at(index); }
    void set_result(u32 ret) const { memory::direct_map<msg::Header>(at_)->ret = ret; }

  private:
    [[nodiscard]] msg::Param* param_at(u32 index) const {
        return memory::direct_map<msg::Param>(at_ + msg::param_offset(index));
    }

    Pa at_;
};

} // namespace trv::tee::optee
