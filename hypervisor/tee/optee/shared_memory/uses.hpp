// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one call uses of its VM's shared memory: the buffer that its argument is in, and its memory references. It is
// given back at the call's end.

#include "tee/optee/message/checked_message.hpp"
#include "tee/optee/shared_memory/shared_memory.hpp"

namespace trv::tee::optee {

class Uses {
  public:
    explicit Uses(SharedMemory& shared) : shared_(shared) {}
    ~Uses() {
        if (bits_ != 0 || argument_ != SharedMemory::none) {
            shared_.references.drop(memrefs_, bits_, argument_);
        }
    }
    Uses(const Uses&) = delete;
    Uses& operator=(const Uses&) = delete;

    /// The buffer that the argument is in. @return the record; Refusal::UnknownCookie
    [[nodiscard]] Checked<u32> take_argument(u64 guest_cookie) {
        const Checked<u32> buffer = shared_.references.use(guest_cookie);
        if (buffer) {
            argument_ = *buffer;
        }
        return buffer;
    }

    /// All memory references of a message, as far as they are valid.
    /// @return Refusal::UnknownCookie, BadMessage (beyond the buffer), MapBudget
    [[nodiscard]] Checked<void> refer(const CheckedMessage& message) {
        for (u32 i = 0; i < message.num_params; ++i) {
            const CheckedParam& param = message.params[i];
            if (param.kind == ParamKind::Memref) {
                memrefs_[i] = TRY(shared_.references.use(param.c, param.a, param.b, bits_ == 0));
                bits_ |= 1U << i;
                pages_ += memrefs_[i].pages;
            }
        }
        return {};
    }
    [[nodiscard]] bool refers(u32 param) const { return (bits_ & 1U << param) != 0; }
    /// Precondition: refers(param).
    [[nodiscard]] Memref& reference(u32 param) { return memrefs_[param]; }
    /// Of all references.
    [[nodiscard]] u32 pages() const { return pages_; }

    /// OP-TEE is about to read a list for the call: References::begin_list().
    [[nodiscard]] u32 begin_list() { return shared_.references.begin_list(memrefs_, bits_); }

  private:
    SharedMemory& shared_;
    u32 argument_ = SharedMemory::none;
    std::array<Memref, msg::most_params> memrefs_; ///< those in bits_ are valid
    u32 bits_ = 0;                                 ///< params that are memory references
    u32 pages_ = 0;
};

} // namespace trv::tee::optee
