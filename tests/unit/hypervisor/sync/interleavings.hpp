// SPDX-License-Identifier: Apache-2.0
#pragma once
// All interleavings of a few small programs that share words: each state that they can reach together is visited once.
//
// A program is ordinary code over ModelAtomic. To make one step of it, it is run from its start: what it did before gets
// the recorded answers, its next access is made and recorded, and the one after that ends the run. So a state is the
// shared words and what each program was answered until now.
//
// The words are sequentially consistent here; why weaker orders are enough is argued where they are used.

#include "lib/types.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <utility>
#include <vector>

namespace trv {

class Interleavings {
  public:
    using Program = std::function<void()>;

    /// Runs all interleavings.
    /// @param make     makes the shared words anew
    /// @param finished looks at the words when all programs have ended
    void explore(std::vector<Program> programs, const std::function<void()>& make,
                 const std::function<void()>& finished) {
        programs_ = std::move(programs);
        state_ = {{}, std::vector<std::vector<u64>>(programs_.size()), std::vector<bool>(programs_.size())};
        current() = this;
        make();
        visit(finished);
        current() = nullptr;
    }
    [[nodiscard]] std::size_t states() const { return seen_.size(); }

    /// An access to a shared word: `change` gets it, and answers.
    u64 access(std::size_t word, const std::function<u64(u64&)>& change) {
        if (running_ == none) { // while words are made, or looked at in the end
            return change(state_.words[word]);
        }
        std::vector<u64>& answers = state_.answers[running_];
        if (replayed_ < answers.size()) {
            return answers[replayed_++];
        }
        if (stepped_) {
            throw Stop();
        }
        stepped_ = true;
        answers.push_back(change(state_.words[word]));
        return answers[replayed_++];
    }
    std::size_t add_word(u64 value) {
        state_.words.push_back(value);
        return state_.words.size() - 1;
    }
    [[nodiscard]] static Interleavings*& current() {
        static Interleavings* one = nullptr;
        return one;
    }

  private:
    struct Stop {};
    struct State {
        std::vector<u64> words;
        std::vector<std::vector<u64>> answers;
        std::vector<bool> ended;
        auto operator<=>(const State&) const = default;
    };
    static constexpr std::size_t none = ~std::size_t{0};

    void step(std::size_t program) {
        running_ = program;
        replayed_ = 0;
        stepped_ = false;
        try {
            programs_[program]();
            state_.ended[program] = true;
        } catch (const Stop&) {
        }
        running_ = none;
    }

    void visit(const std::function<void()>& finished) {
        if (!seen_.insert(state_).second) {
            return;
        }
        bool all_ended = true;
        for (std::size_t i = 0; i < programs_.size() && !testing::Test::HasFailure(); ++i) {
            if (!state_.ended[i]) {
                all_ended = false;
                const State before = state_;
                step(i);
                visit(finished);
                state_ = before;
            }
        }
        if (all_ended) {
            finished();
        }
    }

    std::vector<Program> programs_;
    State state_;
    std::set<State> seen_;
    std::size_t running_ = none;
    std::size_t replayed_ = 0;
    bool stepped_ = false;
};

/// A shared word with std::atomic's functions, as far as they are needed.
template <typename T>
class ModelAtomic {
  public:
    ModelAtomic(T value) : word_(Interleavings::current()->add_word(value)) {}

    T load(std::memory_order = std::memory_order_seq_cst) const {
        return at([](u64& word) { return word; });
    }
    void store(T value, std::memory_order = std::memory_order_seq_cst) {
        at([=](u64& word) { return word = value; });
    }
    T exchange(T value, std::memory_order = std::memory_order_seq_cst) {
        return at([=](u64& word) { return std::exchange(word, value); });
    }
    T fetch_add(T value, std::memory_order = std::memory_order_seq_cst) {
        return at([=](u64& word) { return std::exchange(word, word + value); });
    }
    T fetch_or(T value, std::memory_order = std::memory_order_seq_cst) {
        return at([=](u64& word) { return std::exchange(word, word | value); });
    }
    T fetch_and(T value, std::memory_order = std::memory_order_seq_cst) {
        return at([=](u64& word) { return std::exchange(word, word & value); });
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order, std::memory_order) {
        const T was = at([=](u64& word) { return std::exchange(word, word == expected ? desired : word); });
        return std::exchange(expected, was) == was;
    }

  private:
    T at(const std::function<u64(u64&)>& change) const { return Interleavings::current()->access(word_, change); }

    std::size_t word_;
};

} // namespace trv
