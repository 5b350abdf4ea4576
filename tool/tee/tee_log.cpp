// SPDX-License-Identifier: Apache-2.0
#include "tool/tee/tee_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace trv::tool::tee {

namespace {

constexpr mode_t readable = 0644;

} // namespace

TeeLog::TeeLog(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, readable)) {}

std::vector<std::string> TeeLog::new_lines() {
    std::array<char, 4096> bytes;
    for (ssize_t got = 0; (got = ::read(file_.get(), bytes.data(), bytes.size())) > 0;) {
        lines_.feed({bytes.data(), static_cast<std::size_t>(got)});
    }
    std::vector<std::string> lines;
    while (auto line = lines_.next()) {
        lines.push_back(*std::move(line));
    }
    return lines;
}

} // namespace trv::tool::tee
