// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/report/compare_report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::dev::bench {

namespace {

using Cells = std::vector<std::string>;

struct Unit {
    std::string_view name;
    double divisor;
};

/// One that leaves a few digits.
Unit unit_for(std::string_view unit, double value) {
    if (unit == "B") {
        return {.name = "KiB", .divisor = 1024};
    }
    if (unit != "ns" || value < 1e4) {
        return {.name = unit, .divisor = 1};
    }
    return value >= 1e6 ? Unit{.name = "ms", .divisor = 1e6} : Unit{.name = "µs", .divisor = 1e3};
}

/// The spread only where runs differ.
std::string value_text(const Spread& spread, std::string_view of_row) {
    const auto [unit, divisor] = unit_for(of_row, spread.median);
    const auto text = fmt::format("{:.{}f} {}", spread.median / divisor, divisor > 1 ? 2 : 0, unit);
    return spread.lowest == spread.highest
               ? text
               : fmt::format("{} ({:.2f}–{:.2f})", text, spread.lowest / divisor, spread.highest / divisor);
}

std::string cell(const Row& row, Peer peer) {
    if (const auto refused = row.refused.find(peer); refused != row.refused.end()) {
        return "fails: " + refused->second;
    }
    const auto spread = row.spreads.find(peer);
    return spread == row.spreads.end() ? "–" : value_text(spread->second, row.unit);
}

std::string ratio_cell(const Row& row, Peer to) {
    const auto ratio = row.ratio(Peer::Trivisor, to);
    return ratio ? fmt::format("{:.3f}", *ratio) : "–";
}

/// Characters, not bytes: the cells have a few letters beyond ASCII.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }));
}

std::string layout(const std::vector<Cells>& table) {
    std::vector<std::size_t> widths(table.front().size(), 3);
    for (const Cells& cells : table) {
        for (std::size_t column = 0; column < cells.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(cells[column]));
        }
    }
    std::string text;
    for (std::size_t line = 0; line < table.size(); ++line) {
        for (std::size_t column = 0; column < widths.size(); ++column) {
            const std::string& content = table[line][column];
            const std::string padding(widths[column] - width_of(content), ' ');
            text += "| " + (column == 0 ? content + padding : padding + content) + " ";
        }
        text += "|\n";
        for (std::size_t column = 0; line == 0 && column < widths.size(); ++column) {
            text += fmt::format("| {:-<{}}{} {}", "", widths[column] - (column == 0 ? 0U : 1U), column == 0 ? "" : ":",
                                column + 1 == widths.size() ? "|\n" : "");
        }
    }
    return text;
}

} // namespace

std::string compare_table(const std::vector<Row>& rows, const std::vector<Peer>& peers) {
    Cells head{"row"};
    for (const Peer peer : peers) {
        head.emplace_back(name(peer));
    }
    std::vector<Peer> others;
    for (const Peer peer : {Peer::Bare, Peer::Xen}) {
        if (has(peers, peer) && has(peers, Peer::Trivisor)) {
            others.push_back(peer);
            head.push_back(fmt::format("trivisor/{}", name(peer)));
        }
    }
    std::vector<Cells> table{head};
    for (const Row& row : rows) {
        Cells cells{row.name};
        for (const Peer peer : peers) {
            cells.push_back(cell(row, peer));
        }
        for (const Peer peer : others) {
            cells.push_back(ratio_cell(row, peer));
        }
        table.push_back(std::move(cells));
    }
    return layout(table);
}

} // namespace trv::tool::dev::bench
