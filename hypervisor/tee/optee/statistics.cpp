// SPDX-License-Identifier: Apache-2.0
#include "tee/optee/statistics.hpp"

namespace trv::tee::optee {

std::string_view name_of(CallKind kind) {
    constexpr std::string_view names[call_kinds] = {
        "fast", "open", "invoke", "close", "cancel", "register", "unregister", "bottom_half", "stop_notifications",
        "own"};
    return names[static_cast<unsigned>(kind)];
}

std::string_view name_of(Refusal refusal) {
    constexpr std::string_view names[refusals] = {
        "unknown_function", "bad_address", "bad_message",   "unknown_cookie", "bad_token", "policy",     "pin_quota",
        "buffer_quota",     "map_budget",  "session_quota", "thread_limit",   "bad_reply", "large_reply"};
    return names[static_cast<unsigned>(refusal)];
}

std::string_view name_of(RpcKind kind) {
    constexpr std::string_view names[counted_rpcs] = {
        "load_ta", "rpmb",   "fs",        "get_time", "notification", "suspend",   "shm_alloc",   "shm_free", "8",
        "gprof",   "socket", "ftrace",    "plugin",   "13",           "14",        "15",          "16",       "17",
        "18",      "19",     "bench_reg", "i2c",      "rpmb_reset",   "rpmb_next", "rpmb_frames", "others"};
    return names[static_cast<unsigned>(kind)];
}

} // namespace trv::tee::optee
