// SPDX-License-Identifier: Apache-2.0
#pragma once
// A message or RPC argument in the arena, which OP-TEE reads instead of the guest's. Built from checked values.

#include "memory/direct_map.hpp"
#include "tee/optee/abi/message.hpp"

namespace trv::tee::optee {

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
