// SPDX-License-Identifier: Apache-2.0
#include "tool/support/error.hpp"

#include <cerrno>
#include <system_error>

namespace trv::tool {

std::string to_string(const Error& error) {
    std::string text;
    for (const std::string* part : {&error.place, &error.key, &error.what}) {
        if (!part->empty()) {
            text += text.empty() ? *part : ": " + *part;
        }
    }
    if (!error.hint.empty()) {
        text += text.ends_with('.') ? " " + error.hint : ". " + error.hint;
    }
    return text;
}

int exit_code(const Error& error) {
    return error.kind == ErrorKind::Usage ? usage_exit_code : failure_exit_code;
}

std::unexpected<Error> failure(std::string place, std::string what, std::string hint) {
    return std::unexpected(
        Error{.place = std::move(place), .key = {}, .what = std::move(what), .hint = std::move(hint)});
}

std::unexpected<Error> usage_error(std::string place, std::string key, std::string what, std::string hint) {
    return std::unexpected(Error{.place = std::move(place),
                                 .key = std::move(key),
                                 .what = std::move(what),
                                 .hint = std::move(hint),
                                 .kind = ErrorKind::Usage});
}

std::unexpected<Error> system_failure(std::string place, std::string what, std::string hint) {
    const std::string reason = std::system_category().message(errno);
    return failure(std::move(place), std::move(what) + ": " + reason, std::move(hint));
}

} // namespace trv::tool
