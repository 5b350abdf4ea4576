// SPDX-License-Identifier: Apache-2.0
#include "vdev/firmware/fw_cfg.hpp"

#include <algorithm>
#include <cstring>

namespace trv::vdev {
namespace {

using Part = FirmwareData::Part;

// Registers [fw_cfg.rst, "Register locations"]
constexpr u64 selector_register = 8;
constexpr u64 address_register = 16;
constexpr u64 low_address_register = 20;
constexpr u64 registers_size = 24;

// Items [fw_cfg.rst, "Firmware configuration items"; QEMU include/standard-headers/linux/qemu_fw_cfg.h]
constexpr u16 signature_item = 0x00;
constexpr u16 features_item = 0x01;
constexpr u16 kernel_size_item = 0x08;
constexpr u16 ramdisk_size_item = 0x0b;
constexpr u16 kernel_item = 0x11;
constexpr u16 ramdisk_item = 0x12;
constexpr u16 command_line_size_item = 0x14;
constexpr u16 command_line_item = 0x15;

constexpr u32 signature = 0x554d4551;                  ///< "QEMU"
constexpr u32 features = 3;                            ///< the registers, and transfers to memory
constexpr u64 transfer_signature = 0x51454d5520434647; ///< "QEMU CFG", big-endian

// A transfer's descriptor: control, length and address, big-endian [fw_cfg.rst, "Guest-side DMA interface"]
constexpr u32 control_error = 1;
constexpr u32 control_read = 2;
constexpr u32 control_skip = 4;
constexpr u32 control_select = 8;
constexpr u32 control_write = 16;
constexpr unsigned control_item_shift = 16;

/// Bytes that one exit transfers: some ten microseconds.
constexpr u64 step_bytes = 64 * KiB;

struct Descriptor {
    u32 control;
    u32 length;
    u64 address;
};
static_assert(sizeof(Descriptor) == 16);

u64 masked(u64 value, unsigned size) {
    return size == 8 ? value : value & ((u64{1} << size * 8) - 1);
}

} // namespace

Result<void> FwCfg::attach(DeviceContext& context) {
    window_ = TRY(context.map(window_size, *this));
    return {};
}

void FwCfg::describe(TreeWriter& tree) const {
    tree.begin_at("fw-cfg", window_.base.value);
    tree.text("compatible", "qemu,fw-cfg-mmio");
    tree.numbers("reg", {window_.base.value, registers_size});
    tree.flag("dma-coherent");
    tree.end();
}

void FwCfg::reset() {
    const Guard guard(lock_);
    item_ = find(signature_item);
    address_high_ = 0;
    transfer_ = {};
}

FwCfg::Item FwCfg::find(u16 item) const {
    const auto size_of = [this](Part part) { return Item{.number = static_cast<u32>(data_.size_of(part))}; };
    switch (item) {
    case signature_item:
        return {.number = signature};
    case features_item:
        return {.number = features};
    case kernel_size_item:
        return size_of(Part::Kernel);
    case ramdisk_size_item:
        return size_of(Part::Ramdisk);
    case command_line_size_item:
        return size_of(Part::CommandLine);
    case kernel_item:
        return {.part = Part::Kernel};
    case ramdisk_item:
        return {.part = Part::Ramdisk};
    case command_line_item:
        return {.part = Part::CommandLine};
    default: // empty: the list of files, too, is empty if its first bytes are 0
        return {};
    }
}

void FwCfg::Item::take(const FirmwareData& data, std::span<u8> to) {
    u64 there = 0;
    if (part) {
        const u64 size = data.size_of(*part);
        there = offset < size ? std::min<u64>(size - offset, to.size()) : 0;
        if (there != 0) {
            data.copy(*part, offset, to.first(there));
        }
    } else {
        for (; there < to.size() && offset + there < sizeof number; ++there) {
            to[there] = static_cast<u8>(number >> (offset + there) * 8);
        }
    }
    std::ranges::fill(to.subspan(there), u8{0});
    offset += to.size();
}

MmioRead FwCfg::read(const MmioAccess& access) {
    const Guard guard(lock_);
    if (access.offset < selector_register) { // the data register
        u8 bytes[8] = {};
        item_.take(data_, std::span(bytes).first(access.size));
        u64 value = 0;
        std::memcpy(&value, bytes, sizeof value);
        return value;
    }
    if (access.offset >= address_register && access.offset < registers_size) {
        return masked(__builtin_bswap64(transfer_signature) >> (access.offset - address_register) * 8, access.size);
    }
    return 0;
}

MmioOutcome FwCfg::write(const MmioAccess& access, u64 value) {
    const Guard guard(lock_);
    if (access.offset == selector_register && access.size == 2) {
        item_ = find(__builtin_bswap16(static_cast<u16>(value)));
    } else if (access.offset == address_register && access.size == 8) {
        return transfer(Ipa(__builtin_bswap64(value)), access.vcpu);
    } else if (access.offset == address_register && access.size == 4) {
        address_high_ = u64{__builtin_bswap32(static_cast<u32>(value))} << 32;
    } else if (access.offset == low_address_register && access.size == 4) {
        return transfer(Ipa(address_high_ | __builtin_bswap32(static_cast<u32>(value))), access.vcpu);
    }
    return MmioOutcome::Done;
}

MmioOutcome FwCfg::transfer(Ipa descriptor, unsigned vcpu) {
    const bool goes_on = transfer_.left != 0 && transfer_.descriptor == descriptor && transfer_.vcpu == vcpu;
    if (!goes_on && !begin(descriptor, vcpu)) {
        end(descriptor, false);
        return MmioOutcome::Done;
    }
    for (u64 stored = 0; transfer_.left != 0 && stored < step_bytes; stored += page_size) {
        if (!store_next()) {
            end(descriptor, false);
            return MmioOutcome::Done;
        }
    }
    if (transfer_.left != 0) {
        return MmioOutcome::Again;
    }
    end(descriptor, true);
    return MmioOutcome::Done;
}

bool FwCfg::begin(Ipa descriptor, unsigned vcpu) {
    Descriptor wanted{}; // fetched once; the guest may change it meanwhile
    transfer_ = {};
    if (descriptor.offset_in(page_size) > page_size - sizeof wanted ||
        !data_.load(descriptor, {reinterpret_cast<u8*>(&wanted), sizeof wanted})) {
        return false;
    }
    const u32 control = __builtin_bswap32(wanted.control);
    const u32 length = __builtin_bswap32(wanted.length);
    if ((control & control_select) != 0) {
        item_ = find(static_cast<u16>(control >> control_item_shift));
    }
    if ((control & control_read) != 0) {
        transfer_ = {descriptor, vcpu, Ipa(__builtin_bswap64(wanted.address)), length};
    } else if ((control & control_skip) != 0) {
        item_.offset += length;
    } else if ((control & control_write) != 0) {
        return false;
    }
    return true;
}

bool FwCfg::store_next() {
    struct Context {
        const FirmwareData& data;
        Item item;
    } context{data_, item_};
    const auto fill = [](std::span<u8> bytes, void* of) {
        auto& from = *static_cast<Context*>(of);
        from.item.take(from.data, bytes);
    };
    const u64 stored = data_.store(transfer_.to, std::min(transfer_.left, page_size), fill, &context);
    item_ = context.item;
    transfer_.to += stored;
    transfer_.left -= stored;
    return stored != 0;
}

void FwCfg::end(Ipa descriptor, bool good) {
    transfer_ = {};
    u32 control = __builtin_bswap32(good ? 0 : control_error);
    const auto fill = [](std::span<u8> bytes, void* word) { std::memcpy(bytes.data(), word, bytes.size()); };
    (void)data_.store(descriptor, sizeof control, fill, &control); // a guest without it sees no end
}

} // namespace trv::vdev
