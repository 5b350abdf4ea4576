// SPDX-License-Identifier: Apache-2.0
#include "lib/device_tree/device_tree.hpp"

namespace trv {
namespace {

u32 load_cell(const u8* at) {
    return static_cast<u32>(at[0]) << 24 | static_cast<u32>(at[1]) << 16 | static_cast<u32>(at[2]) << 8 | at[3];
}

} // namespace

Result<u32> DeviceProperty::cell(std::size_t index) const {
    if (index >= cells()) {
        return fail(Error::OutOfRange);
    }
    return load_cell(bytes_.data() + index * 4);
}

Result<u64> DeviceProperty::number(std::size_t index, unsigned count) const {
    if (index > cells() || count > cells() - index) {
        return fail(Error::OutOfRange);
    }
    u64 value = 0;
    for (unsigned i = 0; i < count; ++i) {
        if (value >> 32 != 0) {
            return fail(Error::Overflow);
        }
        value = value << 32 | load_cell(bytes_.data() + (index + i) * 4);
    }
    return value;
}

Result<std::string_view> DeviceProperty::text() const {
    const auto first = text(0);
    if (!first || first->size() + 1 != bytes_.size()) {
        return fail(Error::Invalid);
    }
    return first;
}

Result<std::string_view> DeviceProperty::text(std::size_t index) const {
    std::string_view rest(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
    while (!rest.empty()) {
        const std::size_t end = rest.find('\0');
        if (end == std::string_view::npos) {
            return fail(Error::Invalid);
        }
        if (index == 0) {
            return rest.substr(0, end);
        }
        --index;
        rest.remove_prefix(end + 1);
    }
    return fail(Error::OutOfRange);
}

bool DeviceProperty::contains(std::string_view wanted) const {
    std::string_view rest(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
    for (std::size_t end = rest.find('\0'); end != std::string_view::npos; end = rest.find('\0')) {
        if (rest.substr(0, end) == wanted) {
            return true;
        }
        rest.remove_prefix(end + 1);
    }
    return false;
}

} // namespace trv
