// SPDX-License-Identifier: Apache-2.0
#pragma once
// Attacks and their verdicts: an attack has failed, which is a PASS, if it got its defined answer and an honest call
// still works afterwards.

#include "guests/bare/hostile/client.hpp"
#include "guests/bare/lib/report.hpp"

namespace trv::bare::hostile {

/// Good, or the reason why not.
class Verdict {
  public:
    [[nodiscard]] static Verdict good() { return {}; }
    template <typename... Arguments>
    [[nodiscard]] static Verdict bad(std::string_view pattern, const Arguments&... arguments) {
        Verdict verdict;
        verdict.good_ = false;
        verdict.size_ = format_to(verdict.text_, pattern, arguments...).size();
        return verdict;
    }
    [[nodiscard]] bool is_good() const { return good_; }
    [[nodiscard]] std::string_view why() const { return {text_.data(), size_}; }

  private:
    std::array<char, 120> text_{};
    std::size_t size_ = 0;
    bool good_ = true;
};

/// The call must end with this code.
[[nodiscard]] Verdict expect_code(const Answer& answer, u32 code);
/// The call must end with OK and this result.
[[nodiscard]] Verdict expect_result(const Answer& answer, u32 ret);
/// The call must return any error code or result, and not hang.
[[nodiscard]] Verdict expect_refusal(const Answer& answer);

/// An honest client from beginning to end: registers, opens, invokes, closes, unregisters.
[[nodiscard]] Verdict be_honest();

/// Says that a new driver is there: what an attack left behind is the mediator's to clear up.
void restart_driver();

template <typename Body>
void attack(std::string_view name, Body body) {
    Verdict verdict = body();
    if (verdict.is_good()) {
        verdict = be_honest();
    }
    check(name, verdict.is_good(), "{}", verdict.why());
}

/// An attack in many variants, named after both.
template <typename Body>
void attack(std::string_view name, std::string_view variant, Body body) {
    std::array<char, 120> whole;
    attack(format_to(whole, "{}: {}", name, variant), body);
}

template <typename Body>
void attack(std::string_view name, u64 variant, Body body) {
    std::array<char, 120> whole;
    attack(format_to(whole, "{}: {}", name, hex(variant)), body);
}

} // namespace trv::bare::hostile
