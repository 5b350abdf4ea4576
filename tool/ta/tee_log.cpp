#include "tool/ta/tee_log.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace trv::tool::ta {

TeeLog::TeeLog(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)), changes_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    ::lseek(file_.get(), 0, SEEK_END);
    if (changes_ && ::inotify_add_watch(changes_.get(), file.c_str(), IN_MODIFY) < 0) {
        changes_.reset();
    }
}

std::vector<std::string> TeeLog::new_lines() {
    std::array<char, 4096> bytes;
    while (changes_ && ::read(changes_.get(), bytes.data(), bytes.size()) > 0) {
    }
    for (ssize_t got = 0; (got = ::read(file_.get(), bytes.data(), bytes.size())) > 0;) {
        lines_.feed({bytes.data(), static_cast<std::size_t>(got)});
    }
    std::vector<std::string> lines;
    while (auto line = lines_.next()) {
        lines.push_back(*std::move(line));
    }
    return lines;
}

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
    // The core's lines go on with the VM's number, 0 for none, when they belong to a call.
    unsigned guest = 0;
    const std::string_view rest = line.substr(prefix_size);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), guest);
    if (error == std::errc{} && guest != 0) {
        parsed.guest = guest;
    }
    return parsed;
}

bool is_interesting(std::string_view line) {
    const auto parsed = parse_tee_line(line);
    if (!parsed || parsed->source == TeeLine::Source::Loader) {
        return false; // the loader's map and call stack of a panic are explained in one line
    }
    const bool empty = line.find_last_not_of(" 0123456789?") <= line.find(':');
    return !empty && (parsed->source == TeeLine::Source::TrustedApplication || parsed->level == 'E');
}

} // namespace trv::tool::ta
