// SPDX-License-Identifier: Apache-2.0
#include "tool/run_folder/run_folder.hpp"

#include "tool/support/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <tuple>

namespace trv::tool::run_folder {

namespace {

constexpr std::size_t kept_runs = 5;                    // of each machine
constexpr const char* description_name = "description"; // of the file that has the path of the machine's

/// The canonical path of a file.
std::filesystem::path whole_path(const std::filesystem::path& path) {
    std::error_code error;
    auto whole = std::filesystem::weakly_canonical(path, error);
    return error ? path : std::filesystem::absolute(whole, error);
}

/// Splits "MACHINE-N".
std::optional<RunEntry> parse_entry(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    const std::size_t dash = name.rfind('-');
    if (dash == std::string::npos) {
        return std::nullopt;
    }
    RunEntry entry{.path = path, .machine = name.substr(0, dash)};
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + dash + 1, end, entry.number);
    return error == std::errc{} && stop == end ? std::optional{entry} : std::nullopt;
}

FileDescriptor open_folder(const std::filesystem::path& folder) {
    return FileDescriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

/// Only a live run holds an exclusive lock on its folder. Queries take a shared lock for a moment, which this function
/// waits for.
bool lock_for_run(const FileDescriptor& folder) {
    int locked = -1;
    do {
        locked = ::flock(folder.get(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
    return locked == 0;
}

std::vector<RunEntry> runs_of(const Paths& paths, const std::string& machine) {
    auto entries = all_runs(paths);
    std::erase_if(entries, [&](const RunEntry& entry) { return entry.machine != machine; });
    return entries;
}

void remove_old_runs(const Paths& paths, const std::string& machine) {
    const auto entries = runs_of(paths, machine);
    for (std::size_t index = 0; index + kept_runs < entries.size(); ++index) {
        std::error_code ignored; // a leftover folder is harmless
        if (!is_running(entries[index].path)) {
            std::filesystem::remove_all(entries[index].path, ignored);
        }
    }
}

} // namespace

Result<RunFolder> RunFolder::create(const Paths& paths, const std::filesystem::path& machine) {
    TRY(make_folder(paths.run()));
    const std::string name = machine.stem().string();
    const auto before = runs_of(paths, name);
    for (unsigned number = before.empty() ? 1 : before.back().number + 1;; ++number) {
        const auto path = paths.run() / fmt::format("{}-{}", name, number);
        std::error_code problem;
        if (std::filesystem::create_directory(path, problem)) {
            auto lock = open_folder(path);
            if (!lock || !lock_for_run(lock)) {
                return system_failure(path, "cannot be locked");
            }
            // Distinguishes descriptions with the same name in different folders.
            TRY(write_file(path / description_name, whole_path(machine).string()));
            remove_old_runs(paths, name);
            return RunFolder{path, std::move(lock)};
        }
        if (problem) {
            return failure(path.string(), "cannot be created: " + problem.message());
        }
    }
}

std::vector<RunEntry> all_runs(const Paths& paths) {
    std::vector<RunEntry> entries;
    std::error_code none;
    for (const auto& found : std::filesystem::directory_iterator(paths.run(), none)) {
        auto entry = parse_entry(found.path());
        if (entry && found.is_directory(none)) {
            entries.push_back(*std::move(entry));
        }
    }
    std::ranges::sort(entries, {}, [](const RunEntry& entry) { return std::tie(entry.machine, entry.number); });
    return entries;
}

bool is_running(const std::filesystem::path& run_folder) {
    const auto folder = open_folder(run_folder);
    return folder && ::flock(folder.get(), LOCK_SH | LOCK_NB) != 0;
}

Result<std::filesystem::path> description_of(const std::filesystem::path& run_folder) {
    return TRY(read_file(run_folder / description_name));
}

bool is_run_of(const std::filesystem::path& run_folder, const std::filesystem::path& machine) {
    return read_file(run_folder / description_name).value_or("") == whole_path(machine);
}

} // namespace trv::tool::run_folder
