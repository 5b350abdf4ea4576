// SPDX-License-Identifier: Apache-2.0
#include "lib/format.hpp"

namespace trv {
namespace {

class Output {
  public:
    explicit Output(std::span<char> out) : out_(out) {}

    void put(char c) {
        if (used_ < out_.size()) {
            out_[used_++] = c;
        }
    }
    void put(std::string_view s) {
        for (const char c : s) {
            put(c);
        }
    }
    void put_number(u64 value, unsigned base, unsigned minimum_digits) {
        char digits[20];
        unsigned n = 0;
        do {
            digits[n++] = "0123456789abcdef"[value % base];
            value /= base;
        } while (value != 0);
        for (unsigned i = n; i < minimum_digits; ++i) {
            put('0');
        }
        while (n > 0) {
            put(digits[--n]);
        }
    }
    [[nodiscard]] std::string_view written() const { return {out_.data(), used_}; }

  private:
    std::span<char> out_;
    std::size_t used_ = 0;
};

void put_argument(Output& out, const FormatArgument& a) {
    switch (a.kind) {
    case FormatArgument::Kind::Text:
        out.put(a.text);
        return;
    case FormatArgument::Kind::Hex:
        out.put("0x");
        out.put_number(a.number, 16, a.digits);
        return;
    case FormatArgument::Kind::Signed:
        if (static_cast<i64>(a.number) < 0) {
            out.put('-');
            out.put_number(-a.number, 10, 1);
            return;
        }
        [[fallthrough]];
    case FormatArgument::Kind::Unsigned:
        out.put_number(a.number, 10, 1);
        return;
    }
}

} // namespace

std::string_view format_into(std::span<char> out, std::string_view pattern, std::span<const FormatArgument> arguments) {
    Output output(out);
    std::size_t next = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool placeholder = pattern[i] == '{' && i + 1 < pattern.size() && pattern[i + 1] == '}';
        if (placeholder && next < arguments.size()) {
            put_argument(output, arguments[next++]);
            ++i;
        } else {
            output.put(pattern[i]);
        }
    }
    return output.written();
}

} // namespace trv
