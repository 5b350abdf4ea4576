// SPDX-License-Identifier: Apache-2.0
#pragma once
// Looks at every state that a small model can reach.

#include <algorithm>
#include <cstring>
#include <functional>
#include <ranges>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trv::model {

struct Exploration {
    std::size_t states = 0;
    std::size_t ends = 0;  ///< states from which nothing goes on
    std::string violation; ///< what is wrong with some end, and one of the shortest ways to it; empty if all are right
};

/// @tparam State  bytes only, without padding
/// @param successors  calls emit(name of the step, next state) for each step that some CPU can take
/// @param judge       what is wrong with a state from which no step leads on; empty if nothing is
template <typename State, typename Successors, typename Judge>
Exploration explore(const State& initial, Successors successors, Judge judge) {
    static_assert(std::has_unique_object_representations_v<State>);
    struct Bytes {
        std::size_t operator()(const State& state) const {
            return std::hash<std::string_view>()({reinterpret_cast<const char*>(&state), sizeof(State)});
        }
    };
    struct Equal {
        bool operator()(const State& a, const State& b) const { return std::memcmp(&a, &b, sizeof(State)) == 0; }
    };
    struct Origin {
        std::size_t from;
        const char* step;
    };
    std::vector<State> found{initial};
    std::vector<Origin> origins{{0, ""}};
    std::unordered_map<State, std::size_t, Bytes, Equal> numbers{{initial, 0}};
    Exploration result;
    for (std::size_t at = 0; at < found.size(); ++at) {
        bool goes_on = false;
        const State state = found[at];
        successors(state, [&](const char* step, const State& next) {
            goes_on = true;
            if (numbers.try_emplace(next, found.size()).second) {
                found.push_back(next);
                origins.push_back({at, step});
            }
        });
        if (goes_on) {
            continue;
        }
        ++result.ends;
        const std::string_view wrong = judge(state);
        if (!wrong.empty() && result.violation.empty()) {
            std::vector<const char*> way;
            for (std::size_t i = at; i != 0; i = origins[i].from) {
                way.push_back(origins[i].step);
            }
            result.violation = wrong;
            for (const char* const step : std::views::reverse(way)) {
                result.violation += std::string("\n  ") + step;
            }
        }
    }
    result.states = found.size();
    return result;
}

} // namespace trv::model
