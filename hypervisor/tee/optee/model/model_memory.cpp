// SPDX-License-Identifier: Apache-2.0
// The model's view of memory: the memory registered with OP-TEE, its owners, and how much of it OP-TEE's core may map.

#include "tee/optee/model/model.hpp"

namespace trv::tee::optee {
namespace {

using Violation = Model::Violation;

constexpr u32 largest_mapping = 1025; ///< pages: 4 MiB that begin anywhere in the first one

} // namespace

/// Reads the list exactly as OP-TEE does [msg_param.c].
Violation Model::add_memory(Partition& partition, const msg::Param& param, bool rpc) {
    if (param.c == 0) {
        return "cookie 0";
    }
    if (find_cookie(partition.id, param.c) != nullptr) {
        return "cookie twice";
    }
    const u64 offset = param.a & (page_size - 1);
    if (param.b == 0 || param.b > u64{1} << 40) {
        return "absurd size";
    }
    const u64 pages = (param.b + offset - 1) / page_size + 1;
    if (cookie_count_ == max_cookies || page_count_ + pages > max_pages) {
        return "the model is too small";
    }
    cookies_[cookie_count_++] = {param.c, partition.id, rpc, rpc, static_cast<u32>(pages), 0};
    Pa list(param.a - offset);
    for (u64 i = 0; i < pages; ++i) {
        const u64 place = i % msg::list_entries;
        if (place == 0 && i != 0) {
            list = Pa(*memory::direct_map<u64>(list + msg::list_next_offset));
        }
        if (!list.is_aligned(page_size) || !in_arena(list, page_size)) {
            return "page list outside the arena";
        }
        if (const Violation violation =
                add_page(partition, param.c, Pa(*memory::direct_map<u64>(list + place * sizeof(u64))))) {
            return violation;
        }
    }
    map_list(partition);
    if (rpc) {
        map_reply(partition, param.c, static_cast<u32>(pages));
    }
    return check_budget(partition);
}

Violation Model::add_page(Partition& partition, u64 cookie, Pa page) {
    if (!page.is_aligned(page_size)) {
        return "misaligned page";
    }
    pages_[page_count_++] = {cookie, partition.id, page};
    return check_page(pages_[page_count_ - 1]);
}

Violation Model::check_page(const Page& page) const {
    for (const Partition& partition : partitions_) {
        if (partition.id == page.id) {
            const Result<memory::FrameOwner> owner = frames_.owner_of(page.pa);
            if (!owner || *owner != partition.owner || !memory::is_vm(*owner)) {
                return "page of another owner";
            }
            return frames_.pins_on(page.pa) == 0 ? "page that is not pinned" : nullptr;
        }
    }
    return "page without a partition";
}

Violation Model::check() const {
    for (unsigned i = 0; i < page_count_; ++i) {
        if (const Violation violation = check_page(pages_[i])) {
            return violation;
        }
    }
    for (const Partition& partition : partitions_) {
        if (const Violation violation = check_budget(partition)) {
            return violation;
        }
    }
    return nullptr;
}

Violation Model::check_budget(const Partition& partition) const {
    u64 mapped = 0;
    u64 largest = 0;
    for (unsigned i = 0; i < cookie_count_; ++i) {
        if (cookies_[i].id != partition.id) {
            continue;
        }
        mapped += cookies_[i].rpc || cookies_[i].references != 0 ? cookies_[i].pages : 0;
        largest = cookies_[i].pages > largest ? cookies_[i].pages : largest;
    }
    if (largest > largest_mapping) {
        return "more than 4 MiB in one mapping";
    }
    if (partition.highest > pool_pages) {
        return "more translation tables needed than OP-TEE may have";
    }
    return partition.id != 0 && mapped > map_budget_ ? "more memory mapped than the budget allows" : nullptr;
}

// The pool. What a call refers to may be mapped by a pseudo TA while OP-TEE runs the call, some of it or all, in any
// order, any number of times; all of that is unmapped together [pseudo_ta.c]. It stays mapped while the pseudo TA waits
// for normal world. A reply to SHM_ALLOC is mapped as soon as OP-TEE has it, a list a page at a time.

void Model::map_in(Partition& partition, unsigned picture, u64 cookie, u32 pages) {
    const u32 end = partition.pool[picture].map(cookie, pages);
    partition.highest = end > partition.highest ? end : partition.highest;
}

/// A pseudo TA that the call is in returns, or is called.
void Model::toggle(Partition& partition, Call& call, unsigned picture) {
    u8& mapped = call.mapped[picture];
    const u32 first = lots_.below(msg::most_params);
    const u32 wanted = lots_.below(2) == 0 ? ~u32{0} : lots_.below(1U << msg::most_params);
    const bool returns = mapped != 0;
    for (u32 n = 0; n < msg::most_params; ++n) {
        const u32 i = (first + n) % msg::most_params;
        const Cookie* const cookie = call.references[i] != 0 ? find_cookie(partition.id, call.references[i]) : nullptr;
        if (cookie == nullptr) {
            continue;
        }
        if (returns && (mapped & 1U << i) != 0) {
            partition.pool[picture].unmap(cookie->cookie);
            mapped = static_cast<u8>(mapped & ~(1U << i));
        } else if (!returns && (wanted & 1U << i) != 0) {
            map_in(partition, picture, cookie->cookie, cookie->pages);
            mapped = static_cast<u8>(mapped | 1U << i);
        }
    }
}

/// Threads that a CPU runs get on.
void Model::play(Partition& partition, unsigned picture) {
    for (Call& call : partition.calls) {
        for (u32 times = call.used && call.inside ? lots_.below(4) : 0; times != 0; --times) {
            toggle(partition, call, picture);
        }
    }
}

void Model::map_reply(Partition& partition, u64 cookie, u32 pages) {
    for (unsigned i = 0; i < pictures; ++i) {
        play(partition, i);
        map_in(partition, i, cookie, pages);
    }
}

void Model::map_list(Partition& partition) {
    constexpr u64 list = ~u64{0}; // no cookie of the mediator's
    for (unsigned i = 0; i < pictures; ++i) {
        play(partition, i);
        map_in(partition, i, list, 1);
        play(partition, i);
        partition.pool[i].remove(list);
    }
}

void Model::unmap_references(Partition& partition, Call& call) {
    for (unsigned i = 0; i < pictures; ++i) {
        if (call.mapped[i] != 0) {
            toggle(partition, call, i);
        }
    }
}

void Model::remove_memory(u16 id, u64 cookie) {
    if (Partition* const partition = find(id)) {
        for (PoolPicture& picture : partition->pool) {
            cookie == 0 ? picture.clear() : picture.remove(cookie);
        }
    }
    for (unsigned i = 0; i < cookie_count_;) {
        const bool goes = cookies_[i].id == id && (cookie == 0 || cookies_[i].cookie == cookie);
        cookies_[i] = goes ? cookies_[--cookie_count_] : cookies_[i];
        i += goes ? 0 : 1;
    }
    for (unsigned i = 0; i < page_count_;) {
        const bool goes = pages_[i].id == id && (cookie == 0 || pages_[i].cookie == cookie);
        pages_[i] = goes ? pages_[--page_count_] : pages_[i];
        i += goes ? 0 : 1;
    }
}

} // namespace trv::tee::optee
