#include "memory/usage.hpp"

namespace trv::memory {

Usage usage_of(const FrameTable& table) {
    Usage usage;
    for (unsigned i = 0; i < frame_owners; ++i) {
        const auto owner = static_cast<FrameOwner>(i);
        usage.by_owner[i] = {table.frames_of(owner), table.pins_of(owner)};
    }
    return usage;
}

void log_usage(const Usage& usage) {
    for (unsigned i = 0; i < frame_owners; ++i) {
        const Usage::Share& share = usage.by_owner[i];
        if (share == Usage::Share{}) {
            continue;
        }
        const auto owner = static_cast<FrameOwner>(i);
        const u64 kib = share.frames * (page_size / KiB);
        if (is_vm(owner)) {
            log_always("memory: vm {}: {} KiB, {} pins", i - static_cast<unsigned>(FrameOwner::FirstVm), kib,
                       share.pins);
        } else {
            log_always("memory: {}: {} KiB, {} pins", name_of(owner), kib, share.pins);
        }
    }
}

} // namespace trv::memory
