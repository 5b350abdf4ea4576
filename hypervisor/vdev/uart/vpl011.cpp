// SPDX-License-Identifier: Apache-2.0
#include "vdev/uart/vpl011.hpp"

#include <iterator>

namespace trv::vdev {
namespace {

// Registers [PL011 TRM DDI0183, 3.2]
constexpr u64 uartdr = 0x000;
constexpr u64 uartrsr_ecr = 0x004;
constexpr u64 uartfr = 0x018;
constexpr u64 uartilpr = 0x020;
constexpr u64 uartibrd = 0x024;
constexpr u64 uartfbrd = 0x028;
constexpr u64 uartlcr_h = 0x02c;
constexpr u64 uartcr = 0x030;
constexpr u64 uartifls = 0x034;
constexpr u64 uartimsc = 0x038;
constexpr u64 uartris = 0x03c;
constexpr u64 uartmis = 0x040;
constexpr u64 uarticr = 0x044;
constexpr u64 uartdmacr = 0x048;
constexpr u64 uartperiphid0 = 0xfe0;
constexpr u64 last_register = 0xffc;

/// UARTPeriphID0-3 and UARTPCellID0-3, a byte each: part 0x011, designer 0x41, revision 3 (r1p5), the first with FIFOs
/// of 32 bytes, which drivers derive from it.
constexpr u8 identification[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

constexpr u32 data_overrun = 1 << 11;
constexpr u32 status_overrun = 1 << 3;

constexpr u32 flag_clear_to_send = 1 << 0;
constexpr u32 flag_data_set_ready = 1 << 1;
constexpr u32 flag_carrier = 1 << 2;
constexpr u32 flag_busy = 1 << 3;
constexpr u32 flag_receive_empty = 1 << 4;
constexpr u32 flag_transmit_full = 1 << 5;
constexpr u32 flag_receive_full = 1 << 6;
constexpr u32 flag_transmit_empty = 1 << 7;

constexpr u32 line_fifos_enabled = 1 << 4;

constexpr u32 interrupt_receive = 1 << 4;
constexpr u32 interrupt_transmit = 1 << 5;
constexpr u32 interrupt_receive_timeout = 1 << 6;
constexpr u32 interrupt_overrun = 1 << 10;

// The implemented bits of each register.
constexpr u32 ilpr_bits = 0xff;
constexpr u32 ibrd_bits = 0xffff;
constexpr u32 fbrd_bits = 0x3f;
constexpr u32 lcr_h_bits = 0xff;
constexpr u32 cr_bits = 0xff87;
constexpr u32 ifls_bits = 0x3f;
constexpr u32 interrupt_bits = 0x7ff;
constexpr u32 dmacr_bits = 0x7;

/// UARTIFLS: the fill level of a FIFO of 32 at each of the five settings; the other encodings are reserved and act as
/// the last.
std::size_t trigger_level(u32 select) {
    constexpr u8 levels[] = {4, 8, 16, 24, 28, 28, 28, 28};
    return levels[select & 7];
}
static_assert(VPl011::fifo_depth == 32);

/// The bytes of the register that an access of one or two bytes covers.
constexpr u32 value_mask(unsigned size) {
    return size >= 4 ? ~u32{0} : (u32{1} << (8 * size)) - 1;
}

} // namespace

MmioRead VPl011::read(const MmioAccess& access) {
    if (access.size > 4 || access.offset > last_register + 3) {
        return 0;
    }
    const Guard guard(lock_);
    const unsigned shift = 8 * (access.offset & 3);
    // A byte beside a register's first one must not read it: reading the data register takes a byte out of the FIFO.
    if (shift != 0 && (access.offset & ~u64{3}) == uartdr) {
        return 0;
    }
    return read_register(access.offset & ~u64{3}) >> shift & value_mask(access.size);
}

MmioOutcome VPl011::write(const MmioAccess& access, u64 value) {
    if (access.size > 4 || access.offset % 4 != 0) {
        return MmioOutcome::Done;
    }
    {
        const Guard guard(lock_);
        write_register(access.offset, static_cast<u32>(value) & value_mask(access.size));
    }
    if (access.offset == uartdr) {
        output_.send(); // not under the lock: the UART behind it may be slow, and other vCPUs look at the flags
    }
    return MmioOutcome::Done;
}

u32 VPl011::read_register(u64 offset) {
    switch (offset) {
    case uartdr:
        return read_data();
    case uartrsr_ecr:
        return registers_.receive_status;
    case uartfr:
        return flags();
    case uartilpr:
        return registers_.irda_low_power;
    case uartibrd:
        return registers_.integer_baud;
    case uartfbrd:
        return registers_.fraction_baud;
    case uartlcr_h:
        return registers_.line_control;
    case uartcr:
        return registers_.control;
    case uartifls:
        return registers_.fifo_levels;
    case uartimsc:
        return registers_.interrupt_mask;
    case uartris:
        return registers_.raw_interrupts;
    case uartmis:
        return registers_.raw_interrupts & registers_.interrupt_mask;
    case uartdmacr:
        return registers_.dma_control;
    default:
        // Masked: whatever the CPU guesses of the comparison, no more than these bytes is read.
        return offset >= uartperiphid0 && offset <= last_register
                   ? identification[(offset - uartperiphid0) / 4 % std::size(identification)]
                   : 0;
    }
}

void VPl011::write_register(u64 offset, u32 value) {
    switch (offset) {
    case uartdr:
        write_data(static_cast<u8>(value));
        break;
    case uartrsr_ecr:
        registers_.receive_status = 0;
        break;
    case uartilpr:
        registers_.irda_low_power = value & ilpr_bits;
        break;
    case uartibrd:
        registers_.integer_baud = value & ibrd_bits;
        break;
    case uartfbrd:
        registers_.fraction_baud = value & fbrd_bits;
        break;
    case uartlcr_h:
        registers_.line_control = value & lcr_h_bits;
        receive_changed(); // the FIFO's depth changed, so its level may have
        break;
    case uartcr:
        registers_.control = value & cr_bits;
        break;
    case uartifls:
        registers_.fifo_levels = value & ifls_bits;
        break;
    case uartimsc:
        registers_.interrupt_mask = value & interrupt_bits;
        break;
    case uarticr:
        registers_.raw_interrupts &= ~value;
        break;
    case uartdmacr:
        registers_.dma_control = value & dmacr_bits;
        break;
    default:
        break;
    }
    drive_interrupt();
}

std::size_t VPl011::depth() const {
    return (registers_.line_control & line_fifos_enabled) != 0 ? fifo_depth : 1;
}

/// The transmit FIFO is the last part of the sink: it fills only when the sink has less room than a FIFO.
std::size_t VPl011::transmit_level() const {
    const std::size_t space = output_.space();
    return space < depth() ? depth() - space : 0;
}

/// The receive FIFO is the first part of the queue.
std::size_t VPl011::receive_level() const {
    const std::size_t queued = input_head_ - input_tail_;
    return queued < depth() ? queued : depth();
}

u32 VPl011::flags() const {
    u32 flags = flag_clear_to_send | flag_data_set_ready | flag_carrier;
    const std::size_t to_send = transmit_level();
    if (to_send == 0) {
        flags |= flag_transmit_empty;
    } else {
        flags |= flag_busy;
    }
    if (to_send == depth()) {
        flags |= flag_transmit_full;
    }
    const std::size_t received = receive_level();
    if (received == 0) {
        flags |= flag_receive_empty;
    }
    if (received == depth()) {
        flags |= flag_receive_full;
    }
    return flags;
}

void VPl011::write_data(u8 byte) {
    // If the transmitter is off, data is sent nevertheless: a guest could not tell that from a FIFO drained later, and
    // otherwise the byte would be lost. A write to a full FIFO is lost on hardware, too: UARTFR reported it.
    (void)output_.put(byte);
    transmit_changed();
}

/// The transmit interrupt is raised when the FIFO drains through its trigger level, stays until it is cleared or the
/// FIFO is filled above the level, and is not raised by enabling it. [PL011 TRM, 3.4.2] A driver that sees it writes
/// half a FIFO without looking.
void VPl011::transmit_changed() {
    const std::size_t trigger = depth() == 1 ? 0 : trigger_level(registers_.fifo_levels);
    if (transmit_level() <= trigger) {
        registers_.raw_interrupts |= interrupt_transmit;
    } else {
        registers_.raw_interrupts &= ~interrupt_transmit;
    }
}

u32 VPl011::read_data() {
    if (input_head_ == input_tail_) {
        return 0;
    }
    u32 data = input_[input_tail_++ % input_size];
    registers_.receive_status = overrun_ ? status_overrun : 0;
    if (overrun_) {
        data |= data_overrun;
        overrun_ = false;
    }
    receive_changed();
    drive_interrupt();
    return data;
}

/// The receive interrupt reports a FIFO filled to its trigger level, the time-out interrupt one that holds anything
/// and has been left alone for 32 bit times: here at once, because input comes from a person. Both fall
/// when the FIFO is read empty. [PL011 TRM, 3.4.1 and 3.4.3]
void VPl011::receive_changed() {
    const std::size_t level = receive_level();
    const std::size_t trigger = depth() == 1 ? 1 : trigger_level(registers_.fifo_levels >> 3);
    if (level >= trigger) {
        registers_.raw_interrupts |= interrupt_receive;
    } else {
        registers_.raw_interrupts &= ~interrupt_receive;
    }
    if (level != 0 && depth() != 1) {
        registers_.raw_interrupts |= interrupt_receive_timeout;
    } else {
        registers_.raw_interrupts &= ~interrupt_receive_timeout;
    }
}

void VPl011::drive_interrupt() {
    const bool asserted = (registers_.raw_interrupts & registers_.interrupt_mask) != 0;
    if (asserted != asserted_) {
        asserted_ = asserted;
        interrupt_.set(asserted);
    }
}

void VPl011::receive(std::span<const u8> bytes) {
    const Guard guard(lock_);
    for (const u8 byte : bytes) {
        if (input_head_ - input_tail_ == input_size) {
            overrun_ = true;
            registers_.raw_interrupts |= interrupt_overrun;
            break;
        }
        input_[input_head_++ % input_size] = byte;
    }
    receive_changed();
    drive_interrupt();
}

std::size_t VPl011::input_room() {
    const Guard guard(lock_);
    return input_size - (input_head_ - input_tail_);
}

void VPl011::resume_tx() {
    const Guard guard(lock_);
    transmit_changed();
    drive_interrupt();
}

void VPl011::reset() {
    const Guard guard(lock_);
    registers_ = Registers{};
    input_tail_ = input_head_;
    overrun_ = false;
    drive_interrupt();
}

} // namespace trv::vdev
