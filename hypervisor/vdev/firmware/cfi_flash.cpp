// SPDX-License-Identifier: Apache-2.0
#include "vdev/firmware/cfi_flash.hpp"

#include <bit>

namespace trv::vdev {
namespace {

constexpr u64 bank_width = 4; ///< bytes: two chips of 2
constexpr u64 chips = 2;

// Commands [Intel 290667, table 4]; both chips get the same, and only the lowest byte of what is written counts.
constexpr u8 read_array = 0xff;
constexpr u8 read_array_other = 0xf0; ///< of the other command set: some drivers send both before they know
constexpr u8 program_word = 0x40;
constexpr u8 program_word_other = 0x10;
constexpr u8 erase_block = 0x20;
constexpr u8 clear_status = 0x50;
constexpr u8 change_lock = 0x60;
constexpr u8 read_status = 0x70;
constexpr u8 read_identification = 0x90;
constexpr u8 query = 0x98;
constexpr u8 program_buffer = 0xe8;
constexpr u8 confirm = 0xd0; ///< also unlocks, behind change_lock
constexpr u8 lock = 0x01;

// The status register [Intel 290667, table 10]
constexpr u8 ready = 0x80;
constexpr u8 erase_error = 0x20;
constexpr u8 program_error = 0x10; ///< both: an invalid sequence of commands

// Identification: by word from the start of a block [Intel 290667, table 5]
constexpr u64 manufacturer_word = 0;
constexpr u64 device_word = 1; ///< the next one is a block's lock, which is open
constexpr u8 manufacturer = 0x89;
constexpr u8 device = 0x18;

/// Of one chip, from word 0x10 on [JESD68.01, tables 1 to 4]; its extended part is that of command set 1.
constexpr u64 first_query_word = 0x10;
constexpr u8 query_table[] = {
    'Q',
    'R',
    'Y', // 0x10
    0x01,
    0x00, // command set
    0x31,
    0x00, // its extended table
    0x00,
    0x00,
    0x00,
    0x00, // no other one
    0x45,
    0x55,
    0x00,
    0x00, // 0x1b: supply voltages
    0x07,
    0x07,
    0x0a,
    0x00, // 0x1f: typical times, as powers of 2, in us and ms
    0x04,
    0x04,
    0x04,
    0x00,                                       // longest, as powers of 2 of these
    std::bit_width(CfiFlash::size / chips) - 1, // 0x27: size
    0x02,
    0x00, // 8 and 16 bits wide
    std::bit_width(u64{CfiFlash::buffer_words} * 2) - 1,
    0,    // 0x2a: bytes of the buffer
    0x01, // regions of blocks of one size
    CfiFlash::size / CfiFlash::block_size - 1,
    0x00, // 0x2d: blocks, less one
    0x00,
    CfiFlash::block_size / chips / 256 >> 8, // their size in units of 256 bytes
    'P',
    'R',
    'I',
    '1',
    '0', // 0x31
    0x00,
    0x00,
    0x00,
    0x00, // no optional feature
    0x00,
    0x00,
    0x00,
    0x50,
    0x00,
    0x01, // 0x3a: suspension, lock status, voltages, protection fields
};
static_assert(CfiFlash::block_size / chips / 256 % 256 == 0);

u8 query_byte(u64 word) {
    return word >= first_query_word && word - first_query_word < sizeof query_table
               ? query_table[word - first_query_word]
               : 0;
}

u8 identification_byte(u64 word) {
    return word == manufacturer_word ? manufacturer : word == device_word ? device : 0;
}

/// What both chips say, as wide as the access.
u64 spread(u8 chip, const MmioAccess& access) {
    const u64 both = u64{chip} * 0x0001'0001'0001'0001 >> (access.offset % bank_width * 8);
    return access.size == 8 ? both : both & ((u64{1} << access.size * 8) - 1);
}

} // namespace

Result<void> CfiFlash::attach(DeviceContext& context) {
    window_ = TRY(context.map(size, *this));
    return {};
}

void CfiFlash::describe(TreeWriter& tree) const {
    tree.begin_at("flash", window_.base.value);
    tree.text("compatible", "cfi-flash");
    tree.numbers("reg", {window_.base.value, window_.size});
    tree.cells("bank-width", {bank_width});
    tree.end();
}

void CfiFlash::reset() {
    const Guard guard(lock_);
    phase_ = Phase::Command;
    status_ = 0;
    show(View::Array);
}

void CfiFlash::show(View view) {
    if ((view == View::Array) != (view_ == View::Array)) {
        view == View::Array ? memory_.show() : memory_.hide();
    }
    view_ = view;
}

MmioRead CfiFlash::read(const MmioAccess& access) {
    const Guard guard(lock_);
    switch (view_) {
    case View::Array: { // another vCPU was in between when the access was made
        u64 value = 0;
        memory_.content().read(access.offset, {reinterpret_cast<u8*>(&value), access.size});
        return value;
    }
    case View::Status:
        return spread(ready | status_, access);
    case View::Identification:
        return spread(identification_byte(access.offset % block_size / bank_width), access);
    case View::Query:
        return spread(query_byte(access.offset / bank_width), access);
    }
    return 0;
}

MmioOutcome CfiFlash::write(const MmioAccess& access, u64 value) {
    const Guard guard(lock_);
    if (phase_ == Phase::Command) {
        begin(static_cast<u8>(value));
    } else {
        go_on(access, value);
    }
    return MmioOutcome::Done;
}

void CfiFlash::begin(u8 command) {
    switch (command) {
    case read_array:
    case read_array_other:
        show(View::Array);
        return;
    case clear_status:
        status_ = 0;
        return;
    case read_status:
        show(View::Status);
        return;
    case read_identification:
        show(View::Identification);
        return;
    case query:
        show(View::Query);
        return;
    case program_word:
    case program_word_other:
        phase_ = Phase::Word;
        break;
    case erase_block:
        phase_ = Phase::EraseConfirmation;
        break;
    case change_lock:
        phase_ = Phase::LockChange;
        break;
    case program_buffer:
        phase_ = Phase::WordCount;
        break;
    default: // others are reserved
        return;
    }
    show(View::Status);
}

void CfiFlash::go_on(const MmioAccess& access, u64 value) {
    const u8 command = static_cast<u8>(value);
    switch (std::exchange(phase_, Phase::Command)) {
    case Phase::Word:
        program(access, value);
        return;
    case Phase::EraseConfirmation:
        if (command == confirm) {
            memory_.content().erase(access.offset / block_size * block_size, block_size);
        } else {
            fail_sequence();
        }
        return;
    case Phase::LockChange: // locks are open, and stay so
        if (command != confirm && command != lock) {
            fail_sequence();
        }
        return;
    case Phase::WordCount:
        if (command >= buffer_words) {
            fail_sequence();
            return;
        }
        words_left_ = static_cast<u8>(command + 1);
        phase_ = Phase::BufferWord;
        return;
    case Phase::BufferWord:
        // At once, and not when it is confirmed: who reads in between sees the status.
        program(access, value);
        phase_ = --words_left_ == 0 ? Phase::BufferConfirmation : Phase::BufferWord;
        return;
    case Phase::BufferConfirmation:
        if (command != confirm) {
            fail_sequence();
        }
        return;
    case Phase::Command:
        return;
    }
}

void CfiFlash::fail_sequence() {
    status_ |= erase_error | program_error;
}

void CfiFlash::program(const MmioAccess& access, u64 value) {
    memory_.content().program(access.offset, access.size, value);
}

} // namespace trv::vdev
