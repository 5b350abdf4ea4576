#include "tee/statistics.hpp"

namespace trv::tee {

std::string_view name_of(CallKind kind) {
    constexpr std::string_view names[call_kinds] = {
        "fast", "open", "invoke", "close", "cancel", "register", "unregister", "bottom half", "stop notifications",
        "own"};
    return names[static_cast<unsigned>(kind)];
}

std::string_view name_of(Refusal refusal) {
    constexpr std::string_view names[refusals] = {"unknown function", "bad address",   "bad message",  "unknown cookie",
                                                  "bad token",        "policy",        "pin quota",    "buffer quota",
                                                  "map budget",       "session quota", "thread limit", "bad reply"};
    return names[static_cast<unsigned>(refusal)];
}

} // namespace trv::tee
