// SPDX-License-Identifier: Apache-2.0
#pragma once
// Device trees for tests, from text: the part of dtc's language that tests need (nodes, strings, <cells>, /bits/ 64,
// flags, /memreserve/), written with libfdt. A mistake in the text is a mistake in the test and throws.

#include "lib/device_tree/device_tree.hpp"

#include <libfdt.h>

#include <cctype>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace trv::test {

class Dts {
  public:
    explicit Dts(std::string_view text) : rest_(text), blob_(64 * KiB / 8) {
        check(fdt_create(blob_.data(), static_cast<int>(blob_.size() * 8)));
        while (take("/memreserve/")) {
            const u64 base = number();
            check(fdt_add_reservemap_entry(blob_.data(), base, number()));
            expect(";");
        }
        check(fdt_finish_reservemap(blob_.data()));
        expect("/");
        node("");
        check(fdt_finish(blob_.data()));
    }

    [[nodiscard]] std::span<u8> bytes() {
        return {reinterpret_cast<u8*>(blob_.data()), std::size_t{fdt_totalsize(blob_.data())}};
    }
    /// Lives as long as this object.
    [[nodiscard]] DeviceTree tree() { return DeviceTree::open(bytes()).value(); }

  private:
    static void check(int result) {
        if (result != 0) {
            throw std::runtime_error(fdt_strerror(result));
        }
    }
    void skip_blanks() {
        while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0) {
            rest_.remove_prefix(1);
        }
    }
    bool take(std::string_view token) {
        skip_blanks();
        if (!rest_.starts_with(token)) {
            return false;
        }
        rest_.remove_prefix(token.size());
        return true;
    }
    void expect(std::string_view token) {
        if (!take(token)) {
            throw std::runtime_error("expected " + std::string(token) + " before " + std::string(rest_.substr(0, 40)));
        }
    }
    std::string name() {
        skip_blanks();
        const std::size_t end = rest_.find_first_of(" =;{\n");
        std::string found(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return found;
    }
    u64 number() {
        skip_blanks();
        std::size_t used = 0;
        const u64 value = std::stoull(std::string(rest_.substr(0, 24)), &used, 0);
        rest_.remove_prefix(used);
        return value;
    }
    void numbers(std::string& value, unsigned bytes) {
        expect("<");
        while (!take(">")) {
            const u64 v = number();
            for (unsigned i = bytes; i-- > 0;) {
                value.push_back(static_cast<char>(v >> (8 * i)));
            }
        }
    }
    void text(std::string& value) {
        const std::size_t end = rest_.find('"');
        value.append(rest_.substr(0, end));
        value.push_back('\0');
        rest_.remove_prefix(end + 1);
    }
    void property(const std::string& property_name) {
        std::string value;
        do {
            if (take("\"")) {
                text(value);
            } else if (take("/bits/ 64")) {
                numbers(value, 8);
            } else {
                numbers(value, 4);
            }
        } while (take(","));
        check(fdt_property(blob_.data(), property_name.c_str(), value.data(), static_cast<int>(value.size())));
    }
    void node(const std::string& node_name) {
        check(fdt_begin_node(blob_.data(), node_name.c_str()));
        expect("{");
        while (!take("};")) {
            const std::string next = name();
            if (take("=")) {
                property(next);
                expect(";");
            } else if (take(";")) {
                check(fdt_property(blob_.data(), next.c_str(), nullptr, 0));
            } else {
                node(next);
            }
        }
        check(fdt_end_node(blob_.data()));
    }

    std::string_view rest_;
    std::vector<u64> blob_; ///< 64-bit words for the alignment
};

} // namespace trv::test
