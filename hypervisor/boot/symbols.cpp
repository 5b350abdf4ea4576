#include "boot/symbols.hpp"

#include "boot/image_layout.hpp"

extern "C" {
extern char image_symbols_start[];
extern char image_symbols_end[];
}

namespace trv::boot {
namespace {

/// As boot/make_symbols.py writes it: a header, entries in ascending order, then the names, NUL-terminated.
struct TableHeader {
    u32 count;
    u32 names; ///< offset of the names from the table's start
};
struct Entry {
    u32 address; ///< offset from the image's start
    u32 name;    ///< offset from the names' start
};

} // namespace

Symbol symbol_at(u64 address) {
    const memory::ImageLayout layout = image_layout();
    const auto* const header = reinterpret_cast<const TableHeader*>(image_symbols_start);
    const auto available = static_cast<u64>(image_symbols_end - image_symbols_start);
    if (!layout.text.contains(Pa(address)) || available < sizeof(TableHeader) || header->count == 0) {
        return {"?", 0};
    }
    const auto* const entries = reinterpret_cast<const Entry*>(image_symbols_start + sizeof(TableHeader));
    const u64 offset = Pa(address) - layout.text.base;
    u32 low = 0;
    u32 high = header->count;
    while (high - low > 1) {
        const u32 middle = low + (high - low) / 2;
        (entries[middle].address <= offset ? low : high) = middle;
    }
    return {image_symbols_start + header->names + entries[low].name, offset - entries[low].address};
}

} // namespace trv::boot
