// SPDX-License-Identifier: Apache-2.0
// Memory for OP-TEE's requests, given so that first fit scatters it over OP-TEE's address space: OP-TEE's core panics
// when it runs out of translation tables, however little is mapped at that moment.

#include "guests/bare/hostile/attack.hpp"
#include "guests/bare/hostile/endless_list.hpp"
#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/hostile/held_call.hpp"

namespace trv::bare::hostile {
namespace {

constinit EndlessList memory{};
constinit u64 next_cookie = 0x59'0000;

/// OP-TEE's core_virt_shm_pool, as far as this guest fills it [core/mm/tee_mm.c]: first fit from the bottom.
class Picture {
  public:
    void place(u64 cookie, u64 pages) {
        u64 at = 0;
        unsigned i = 0;
        for (; i < count_ && blocks_[i].first - at < pages; ++i) {
            at = blocks_[i].first + blocks_[i].pages;
        }
        for (unsigned n = count_++; n > i; --n) {
            blocks_[n] = blocks_[n - 1];
        }
        blocks_[i] = {cookie, at, pages};
        highest_ = at + pages > highest_ ? at + pages : highest_;
    }
    void remove(u64 cookie) {
        for (unsigned i = 0; i < count_; ++i) {
            if (blocks_[i].cookie == cookie) {
                for (--count_; i < count_; ++i) {
                    blocks_[i] = blocks_[i + 1];
                }
                return;
            }
        }
    }
    /// Pages up to the end of what was mapped highest.
    [[nodiscard]] u64 highest() const { return highest_; }

  private:
    struct Block {
        u64 cookie, first, pages;
    };
    std::array<Block, 16> blocks_{};
    unsigned count_ = 0;
    u64 highest_ = 0;
};

/// Applications that do not exist, one for each call: a second call for the same one would wait for the first.
constexpr tee::optee::Uuid absent(u32 number) {
    return tee::optee::Uuid::from_fields(0x0badc0de, 0x1111, static_cast<u16>(number), 0x3333444455556666);
}

/// A call that opens an application which is not there, request by request.
class Opening {
  public:
    /// Comes to the request for the application, with memory of `pages` for requests to secure storage.
    Opening(const Client& client, u32 application, u64 pages, Picture& picture) : picture_(picture) {
        client.prepare_open(absent(application));
        call_ = client.begin(Form::RpcArg);
        go_on_to(msg::rpc::ShmAlloc);
        (void)give(pages);
        go_on_to(msg::rpc::LoadTa);
    }
    ~Opening() { end(); }
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;

    /// Reports the application's size in pages, and provides memory for it.
    void load(u64 pages) {
        if (!waits_for(msg::rpc::LoadTa)) {
            return;
        }
        call_.rpc->params[1].b = pages * page_size;
        call_.rpc->header.ret = ok;
        resume(call_);
        pass_interrupts();
        (void)give(pages);
    }
    void end() {
        for (unsigned i = 0; i < patience && call_.is_suspended(); ++i) {
            serve();
        }
    }

  private:
    static constexpr unsigned patience = 20'000;

    /// Answers SHM_ALLOC. @return whether OP-TEE has the memory now
    bool give(u64 pages) {
        if (!waits_for(msg::rpc::ShmAlloc)) {
            return false;
        }
        const u64 cookie = next_cookie++;
        call_.rpc->header.num_params = 1;
        call_.rpc->params[0] = {msg::TmemOut | msg::Noncontiguous, memory.begin(), pages * page_size, cookie};
        call_.rpc->header.ret = ok;
        picture_.place(cookie, pages);
        resume(call_);
        pass_interrupts();
        if (waits_for(msg::rpc::ShmFree) && call_.rpc->params[0].b == cookie) {
            picture_.remove(cookie);
            return false;
        }
        return true;
    }
    [[nodiscard]] bool waits_for(u32 command) const {
        return call_.is_suspended() && call_.has_command() && call_.rpc->header.cmd == command;
    }
    void pass_interrupts() {
        for (unsigned i = 0; i < patience && call_.is_suspended() && !call_.has_command(); ++i) {
            supplicant_.serve(call_);
        }
    }
    void serve() {
        if (waits_for(msg::rpc::ShmFree)) {
            picture_.remove(call_.rpc->params[0].b);
        }
        supplicant_.serve(call_);
    }
    void go_on_to(u32 command) {
        for (unsigned i = 0; i < patience && call_.is_suspended() && !waits_for(command); ++i) {
            serve();
        }
    }
    Picture& picture_;
    HonestSupplicant supplicant_;
    Call call_;
};

/// What it has tables for in its least favourable layout: docs/internals/mediator.md.
constexpr u64 most_pages = 4 * 512;

Verdict judge(const Picture& picture) {
    return picture.highest() <= most_pages
               ? Verdict::good()
               : Verdict::bad("OP-TEE's core was made to map up to page {}", picture.highest());
}

/// One call keeps two single pages, far apart; the other then asks for what is too large for the holes between them.
/// @param answer pages for a request of one page
Verdict scatter(u64 answer, u64 application) {
    Picture picture;
    Opening sower(second, 1, answer, picture);
    Opening keeper(first, 2, 1, picture);
    sower.load(application);
    keeper.load(1);
    sower.end();
    Opening reaper(second, 3, answer + 1, picture);
    reaper.load(application + 1);
    return judge(picture);
}

} // namespace

void spread(std::string_view) {
    attack("answers larger than what was asked for, scattered", [] { return scatter(638, 638); });
    attack("applications of 4 MiB beside a page", [] { return scatter(1, 1023); });
    attack("applications of 2 MiB, scattered", [] { return scatter(512, 512); });
}

} // namespace trv::bare::hostile
