// SPDX-License-Identifier: Apache-2.0
#pragma once
// The page list that OP-TEE reads instead of the guest's, in a slot's part of the arena.

#include "memory/direct_map.hpp"
#include "tee/optee/abi/message.hpp"

namespace trv::tee::optee {

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
    void put(u32 index, Pa page) const {
        const u32 list = index / msg::list_entries;
        if (index % msg::list_entries == 0) {
            *word(list, msg::list_entries) = 0;
            if (list != 0) {
                *word(list - 1, msg::list_entries) = (base_ + u64{list} * page_size).value;
            }
        }
        *word(list, index % msg::list_entries) = page.value;
    }

  private:
    [[nodiscard]] u64* word(u32 list, u32 index) const {
        return memory::direct_map<u64>(base_ + u64{list} * page_size + u64{index} * sizeof(u64));
    }

    Pa base_;
};

} // namespace trv::tee::optee
