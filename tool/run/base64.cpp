#include "tool/run/base64.hpp"

#include <cstdint>

namespace trv::tool::runs {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            bits = bits << 8 | (index < group.size() ? static_cast<std::uint8_t>(group[index]) : 0U);
        }
        for (std::size_t digit = 0; digit < 4; ++digit) {
            text += digit <= group.size() ? alphabet[bits >> (18 - 6 * digit) & 63U] : '=';
        }
    }
    return text;
}

} // namespace trv::tool::runs
