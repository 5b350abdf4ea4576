// SPDX-License-Identifier: Apache-2.0
#include "boot/symbols.hpp"

#include "boot/image_layout.hpp"

extern "C" {
extern char image_symbols_start[];
extern char image_symbols_end[];
}

namespace trv::boot {
namespace {

/// Reads the table that boot/make_symbols.py wrote, from its start.
class Reader {
  public:
    explicit Reader(const char* at) : at_(at) {}

    u32 word() {
        u32 value = 0;
        __builtin_memcpy(&value, at_, sizeof(value));
        at_ += sizeof(value);
        return value;
    }
    u8 byte() { return static_cast<u8>(*at_++); }
    u64 distance() {
        u64 value = 0;
        unsigned shift = 0;
        u8 part = 0;
        do {
            part = byte();
            value |= u64{part & 0x7fU} << shift;
            shift += 7;
        } while ((part & 0x80) != 0);
        return value;
    }
    std::string_view text() {
        const std::string_view found(at_);
        at_ += found.size() + 1;
        return found;
    }

  private:
    const char* at_;
};

} // namespace

Symbol symbol_at(u64 address) {
    Symbol symbol;
    const memory::ImageLayout layout = image_layout();
    if (!layout.text.contains(Pa(address)) || image_symbols_end - image_symbols_start < 4) { // built without
        return symbol;
    }
    const u64 wanted = Pa(address) - layout.text.base;
    Reader reader(image_symbols_start);
    u64 start = 0;
    for (u32 left = reader.word(); left != 0; --left) {
        const u64 distance = reader.distance();
        if (distance > wanted - start) {
            break;
        }
        start += distance;
        const std::size_t kept = reader.byte();
        symbol.size_ = kept + reader.text().copy(symbol.name_.data() + kept, symbol.name_.size() - kept);
        symbol.offset_ = wanted - start;
    }
    return symbol;
}

} // namespace trv::boot
