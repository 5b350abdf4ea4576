// SPDX-License-Identifier: Apache-2.0
#include "tool/tee/tee_line.hpp"

#include <charconv>

namespace trv::tool::tee {

std::optional<TeeLine> parse_tee_line(std::string_view line) {
    constexpr std::size_t prefix_size = 5; // "I/TA:"
    if (line.size() < prefix_size || line[1] != '/' || line[4] != ':') {
        return std::nullopt;
    }
    TeeLine parsed{.level = line[0], .guest = std::nullopt};
    const std::string_view source = line.substr(2, 2);
    if (source == "TA" || source == "LD") {
        parsed.source = source == "TA" ? TeeLine::Source::TrustedApplication : TeeLine::Source::Loader;
        return parsed;
    }
    if (source != "TC") {
        return std::nullopt;
    }
    // The core's lines about a call continue with the VM's number, or 0.
    unsigned guest = 0;
    const std::string_view rest = line.substr(prefix_size);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), guest);
    if (error == std::errc{} && guest != 0) {
        parsed.guest = guest;
    }
    return parsed;
}

bool OthersLines::has(std::string_view line) {
    const auto parsed = parse_tee_line(line);
    if (!parsed || !guest_) {
        return false;
    }
    if (parsed->guest) {
        loader_is_others_ = *parsed->guest != *guest_;
        return loader_is_others_;
    }
    return loader_is_others_ && parsed->source == TeeLine::Source::Loader;
}

bool is_interesting(std::string_view line) {
    const auto parsed = parse_tee_line(line);
    if (!parsed || parsed->source == TeeLine::Source::Loader) {
        return false; // the loader's map and call stack of a panic are explained in one line
    }
    const bool empty = line.find_last_not_of(" 0123456789?") <= line.find(':');
    return !empty && (parsed->source == TeeLine::Source::TrustedApplication || parsed->level == 'E');
}

} // namespace trv::tool::tee
