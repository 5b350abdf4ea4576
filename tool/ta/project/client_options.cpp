// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/project/client_options.hpp"

#include "tool/machine/readers/table_reader.hpp"
#include "tool/support/files.hpp"
#include "tool/ta/project/source_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace trv::tool::ta {
namespace {

constexpr std::array<std::string_view, 1> top_keys{"client"};
constexpr std::array<std::string_view, 5> client_keys{"sources", "include", "flags", "libraries", "packages"};

/// The release whose C library the cross compiler has: what is linked with an older one runs in the VM, too.
constexpr const char* suite = "bookworm";

Result<toml::table> parse(const std::string& text, const std::string& file) {
    try {
        return toml::parse(text, file);
    } catch (const toml::parse_error& problem) {
        return usage_error(machine::place_of(file, problem.source()), "", std::string{problem.description()},
                           "Correct the TOML syntax here.");
    }
}

class Reader {
  public:
    Reader(const machine::TableReader& table, const std::filesystem::path& folder) : table_{table}, folder_{folder} {}

    Result<ClientOptions> read() {
        TRY(table_.expect_only(client_keys));
        ClientOptions options;
        TRY(read_sources(options));
        for (const auto& written : TRY(table_.texts("include"))) {
            options.include.push_back(TRY(existing("include", written)));
            if (!std::filesystem::is_directory(options.include.back())) {
                return table_.wrong("include", fmt::format("'{}' is not a folder", written), "Name a folder.");
            }
        }
        options.flags = TRY(table_.texts("flags"));
        for (const auto& written : TRY(table_.texts("libraries"))) {
            options.libraries.push_back(TRY(library(written)));
        }
        for (const auto& written : TRY(table_.texts("packages"))) {
            options.packages.push_back(TRY(package(written)));
        }
        options.packages_place = table_.place("packages");
        return options;
    }

  private:
    Result<std::filesystem::path> existing(std::string_view key, const std::string& written) {
        auto file = (folder_ / written).lexically_normal();
        std::error_code ignored;
        if (!std::filesystem::exists(file, ignored)) {
            return table_.wrong(key, fmt::format("'{}' does not exist", written),
                                "Write the path as seen from the project's folder.");
        }
        return file;
    }

    Result<void> read_sources(ClientOptions& options) {
        for (const auto& written : TRY(table_.texts("sources"))) {
            const auto file = TRY(existing("sources", written));
            if (!std::filesystem::is_directory(file)) {
                options.sources.push_back(file);
                continue;
            }
            const auto inside = files_of(file, source_extensions());
            if (inside.empty()) {
                return table_.wrong("sources", fmt::format("'{}' has no C or C++ file", written),
                                    "Name source files, or folders of them.");
            }
            options.sources.insert(options.sources.end(), inside.begin(), inside.end());
        }
        return {};
    }

    /// "m" is a library's name; what has a slash or a file's extension is its path.
    Result<std::string> library(const std::string& written) {
        if (written.contains('/') || written.ends_with(".a") || written.ends_with(".so")) {
            return TRY(existing("libraries", written)).string();
        }
        if (written.empty() || written.starts_with('-')) {
            return table_.wrong("libraries", fmt::format("'{}' is not the name of a library", written),
                                "Write it without -l, like \"m\", or write a path.");
        }
        return "-l" + written;
    }

    Result<packages::PackageId> package(const std::string& written) {
        constexpr std::string_view architecture = ":arm64";
        std::string name = written;
        if (name.ends_with(architecture)) {
            name.resize(name.size() - architecture.size());
        }
        const bool good = name.size() >= 2 && std::ranges::all_of(name, [](char letter) {
                              return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                                     letter == '+' || letter == '-' || letter == '.';
                          });
        if (!good) {
            return table_.wrong("packages", fmt::format("'{}' is not the name of a package", written),
                                "Write it as Debian has it, like \"libssl-dev\"; all are for arm64.");
        }
        return packages::PackageId{.suite = suite, .name = name};
    }

    const machine::TableReader& table_;
    const std::filesystem::path& folder_;
};

} // namespace

Result<ClientOptions> read_client_options(const Paths& paths, const std::filesystem::path& folder) {
    ClientOptions options;
    const auto file = folder / "ta.toml";
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
        const std::string shown = paths.shown(file);
        const toml::table root = TRY(parse(TRY(read_file(file)), shown));
        const machine::TableReader reader{root, shown, ""};
        TRY(reader.expect_only(top_keys));
        if (root.contains("client")) {
            const auto table = reader.table("client");
            if (!table) {
                return reader.wrong("client", "is not a table", "Write [client], and its keys below it.");
            }
            options = TRY(Reader(*table, folder).read());
        }
    }
    if (options.sources.empty()) {
        options.sources = files_of(folder / "client", source_extensions());
    }
    return options;
}

} // namespace trv::tool::ta
