// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/build/ta_header.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace trv::tool::ta {
namespace {

/// A structure at an offset of the file; nothing when it lies outside.
template <typename Type>
std::optional<Type> at(std::string_view file, std::uint64_t offset) {
    if (offset > file.size() || file.size() - offset < sizeof(Type)) {
        return std::nullopt;
    }
    Type value{};
    std::memcpy(&value, file.data() + offset, sizeof(value));
    return value;
}

std::string_view name_at(std::string_view file, std::uint64_t offset) {
    const std::string_view rest = offset < file.size() ? file.substr(offset) : std::string_view();
    return rest.substr(0, rest.find('\0'));
}

} // namespace

std::optional<machine::Uuid> header_uuid(std::string_view elf) {
    const auto header = at<Elf64_Ehdr>(elf, 0);
    if (!header || !elf.starts_with(ELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS64) {
        return std::nullopt;
    }
    const auto names = at<Elf64_Shdr>(elf, header->e_shoff + std::uint64_t{header->e_shstrndx} * sizeof(Elf64_Shdr));
    for (unsigned index = 0; names && index < header->e_shnum; ++index) {
        const auto section = at<Elf64_Shdr>(elf, header->e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr));
        if (!section || name_at(elf, names->sh_offset + section->sh_name) != ".ta_head") {
            continue;
        }
        auto uuid = at<machine::Uuid>(elf, section->sh_offset);
        if (uuid) { // a TEE_UUID: its first three members are little-endian numbers
            std::reverse(uuid->begin(), uuid->begin() + 4);
            std::reverse(uuid->begin() + 4, uuid->begin() + 6);
            std::reverse(uuid->begin() + 6, uuid->begin() + 8);
        }
        return uuid;
    }
    return std::nullopt;
}

} // namespace trv::tool::ta
