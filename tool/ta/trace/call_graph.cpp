// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/trace/call_graph.hpp"

#include "contract/base64.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trv::tool::ta {
namespace {

constexpr const char* python = "/usr/bin/python3"; // the one with Debian's modules

/// One file's calls, with names instead of addresses.
Result<std::string> call_graph(const BuiltProject& built, const std::filesystem::path& kit,
                               const std::filesystem::path& records) {
    const auto scripts = kit / "scripts";
    const std::string command =
        fmt::format("{0} {1} {2} | {0} {3} -d {4}", python, shell_word((scripts / "ftrace_format.py").string()),
                    shell_word(records.string()), shell_word((scripts / "symbolize.py").string()),
                    shell_word(built.ta.elf.parent_path().string()));
    return capture("ta trace", {.arguments = {"sh", "-c", command}});
}

} // namespace

Result<std::vector<std::string>> files_of_base64(std::string_view text) {
    std::vector<std::string> files;
    bool begins = true;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty()) {
            begins = true;
            continue;
        }
        const auto bytes = contract::decode_base64<std::string>(line);
        if (!bytes) {
            return failure("ta trace", fmt::format("the VM's records are damaged: '{}'", line.substr(0, 80)));
        }
        if (begins) {
            files.emplace_back();
            begins = false;
        }
        files.back() += *bytes;
    }
    return files;
}

Result<std::string> call_graphs(const BuiltProject& built, const std::filesystem::path& kit, const Paths& paths,
                                std::string_view recorded) {
    const std::vector<std::string> files = TRY(files_of_base64(recorded));
    if (files.empty()) {
        return failure("ta trace", "the trusted application has recorded nothing",
                       "Let the client open a session with " + built.project.uuid + ", and close it.");
    }
    std::string text;
    for (std::size_t index = 0; index < files.size(); ++index) {
        const auto records = built.project.output(paths) / fmt::format("calls-{}.out", index);
        TRY(write_file(records, files[index]));
        text += TRY(call_graph(built, kit, records));
    }
    TRY(write_file(built.project.output(paths) / "calls.txt", text));
    return text;
}

} // namespace trv::tool::ta
