#include "tool/bench/suite.hpp"

#include <algorithm>

namespace trv::tool::bench {

std::span<const Suite> compared_suites() {
    static const std::vector<Suite> suites{
        {.name = "tee-call",
         .project = "tee_call",
         .measurements = {{.name = "tee-call", .script = "tee_call"},
                          {.name = "tee-call-two",
                           .script = "tee_call throughput 2",
                           .suffix = "-two-guests",
                           .peers = {Peer::Trivisor},
                           .guests = 2}}},
    };
    return suites;
}

const Suite* find_suite(std::string_view name) {
    const auto suites = compared_suites();
    const auto found = std::ranges::find(suites, name, &Suite::name);
    return found == suites.end() ? nullptr : &*found;
}

} // namespace trv::tool::bench
