// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a guest's call returns.

#include "tee/optee/abi/smc.hpp"
#include "tee/optee/message/checked_message.hpp"
#include "tee/optee/message/shadow.hpp"

namespace trv::tee::optee {

struct Answer {
    u32 code = abi::Ok; ///< of the SMC
    // In the argument, if the code is OK:
    u32 ret = 0;
    u32 ret_origin = 0;
    bool from_tee = false; ///< the arena has outputs

    bool waits_for_room = false; ///< the call ends as if OP-TEE had no thread, to come again

    void reject(const Rejection& rejection) {
        code = rejection.code;
        ret = static_cast<u32>(rejection.result);
        ret_origin = msg::origin_tee;
    }
    void fail(msg::TeeResult result) {
        code = abi::Ok;
        ret = static_cast<u32>(result);
        ret_origin = msg::origin_tee;
    }
    /// @param code_of_tee of the SMC into OP-TEE that executed the message
    void take(u32 code_of_tee, const ShadowMessage& message) {
        code = code_of_tee;
        if (code == abi::Ok) {
            const msg::Header header = message.header();
            ret = header.ret;
            ret_origin = header.ret_origin;
            from_tee = true;
        }
    }
    [[nodiscard]] bool is_success() const { return from_tee && ret == 0; }
    [[nodiscard]] bool is_from_tee(msg::TeeResult result) const {
        return from_tee && ret == static_cast<u32>(result) && ret_origin == msg::origin_tee;
    }
};

} // namespace trv::tee::optee
