// SPDX-License-Identifier: Apache-2.0
#pragma once
// What answers OP-TEE's requests: an honest driver and supplicant with no files and no trusted applications. Attacks
// override what they answer differently.

#include "guests/bare/hostile/call.hpp"

namespace trv::bare::hostile {

class Supplicant {
  public:
    /// Of the memory that it gives for OP-TEE's use; as many from here on as it has.
    static constexpr u64 first_cookie = 0x5000;
    /// What run() makes of a call that asks without an end.
    static constexpr u32 gave_up = 0xdead'0001;

    /// Answers, and resumes the call.
    virtual void serve(Call& call);
    /// Serves until the call has ended.
    /// @return its code, or gave_up with the call still suspended
    u32 run(Call& call, unsigned most = 1'000'000);

    /// A new driver knows nothing of memory that was given before.
    static void forget() {
        for (bool& used : in_use) {
            used = false;
        }
    }

    /// Of the memory that it gave last for an argument of OP-TEE's requests.
    [[nodiscard]] u64 rpc_argument_cookie() const { return rpc_argument_cookie_; }

    /// Commands that it was given, by number; SHM_FREE of each buffer that it gave.
    unsigned commands = 0;
    unsigned loads = 0;
    unsigned frees = 0;
    u64 last_freed = 0; ///< the cookie that SHM_FREE named last

  protected:
    ~Supplicant() = default;
    virtual void answer(Message& rpc);
    virtual void give_memory(Message& rpc);
    virtual void give_rpc_argument(Call& call);
    void give_back(u64 cookie);

  private:
    static constexpr unsigned buffers = 8;
    static constexpr unsigned buffer_pages = 4;
    struct Buffer {
        Page list;
        std::array<Page, buffer_pages> pages;
    };
    static Buffer pool[buffers];
    static Page rpc_arguments[2];
    static bool in_use[buffers];
    static unsigned next_rpc_argument;
    u64 rpc_argument_cookie_ = 0;
};

/// One without ideas of its own.
class HonestSupplicant final : public Supplicant {};

} // namespace trv::bare::hostile
