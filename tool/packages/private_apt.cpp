// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/private_apt.hpp"

#include "tool/packages/installation.hpp"
#include "tool/packages/mirror.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace trv::tool::packages {

/// A list of packages that few machines need, which is fetched when the first of them is wanted.
struct SidList {
    const char* kind;     // of apt's line
    const char* target;   // of apt
    const char* file;     // has the line
    const char* complete; // exists once it is fetched
    const char* words;    // for messages
    const char* suite = "sid";
    const char* options = "";
};

namespace {

constexpr const char* place = "setup: packages";
constexpr std::array suites = {"trixie", "bookworm"};
constexpr const char* sid = "sid"; // a mirror may lack it

constexpr SidList sid_sources{"deb-src", "Sources", "sid.list", "complete-sid", "the list of sid's source packages"};
constexpr SidList sid_binaries{"deb", "Packages", "sid-binaries.list", "complete-sid-binaries",
                               "the list of sid's binary packages"};
constexpr SidList armhf_binaries{
    "deb", "Packages", "armhf.list", "complete-armhf", "the list of trixie's armhf packages", "trixie", "arch=armhf "};
constexpr const char* armhf_config = "armhf.conf";
constexpr const char* keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

// Read after the host's own files, hence it overrides them; hooks and further index targets of the host are disabled.
constexpr const char* configuration = R"(Dir::State "{0}/state";
Dir::State::status "{0}/status";
Dir::Cache "{0}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "{0}/{2}";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "{1}";
#clear APT::Architectures;
APT::Architectures {{ "{1}"; }};
APT::Default-Release "";
APT::Sandbox::User "root";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Acquire::Retries "3";
)";

/// Debian's name. Trivisor's tool runs on amd64 only.
const char* name_of(Architecture architecture) {
    return architecture == Architecture::Arm64 ? "arm64" : "amd64";
}

std::uint64_t bytes_in(const std::filesystem::path& folder) {
    std::uint64_t sum = 0;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code vanished; // apt renames a file when it is complete
        const std::uintmax_t size = entry->file_size(vanished);
        sum += vanished ? 0 : size;
    }
    return sum;
}

std::string network_hint(const std::filesystem::path& log) {
    return "Check the network, or set TRIVISOR_DEBIAN_MIRROR to a Debian mirror. The log, " + log.string() +
           ", ends with:\n" + last_lines(log, 8);
}

std::string sid_hint(const std::filesystem::path& log) {
    return fmt::format("Set TRIVISOR_DEBIAN_MIRROR to a Debian mirror that has sid, or do without what is from there: "
                       "write optee = \"debian\" below [machine], or name another kernel. The log, {}, ends with:\n{}",
                       log.string(), last_lines(log, 8));
}

/// Whether an argument of apt is a package for 32-bit Arm, perhaps with a suite behind it. Those are looked up with a
/// configuration of their own, in which no other package is one of them.
bool is_armhf(std::string_view argument) {
    return argument.substr(0, argument.find('/')).ends_with(armhf_suffix);
}

std::string line_of(const SidList& list, const std::string& mirror) {
    return fmt::format("{} [{}signed-by={} target={}] {} {} main\n", list.kind, list.options, keyring, list.target,
                       mirror, list.suite);
}

std::vector<std::string> qualified(const std::vector<PackageId>& ids) {
    std::vector<std::string> names;
    for (const PackageId& id : ids) {
        names.push_back(id.name + "/" + id.suite);
    }
    return names;
}

} // namespace

PrivateApt::PrivateApt(const Paths& paths, Architecture architecture)
    : architecture_(architecture), folder_(paths.cache() / (architecture == Architecture::Arm64 ? "apt" : "apt-host")),
      log_(paths.logs() / "packages.log") {}

Result<PrivateApt> PrivateApt::create(const Paths& paths, Progress::Step& step, Architecture architecture) {
    PrivateApt made(paths, architecture);
    TRY(made.configure());
    if (!std::filesystem::exists(made.folder_ / "complete")) {
        TRY(made.fetch_lists(step));
    }
    return made;
}

Result<void> PrivateApt::configure() const {
    std::error_code ignored;
    std::filesystem::remove(log_, ignored);
    for (const char* part : {"state/lists/partial", "cache/archives/partial"}) {
        TRY(make_folder(folder_ / part));
    }
    TRY(write_file(folder_ / "status", ""));
    const auto configure_for = [&](const char* architecture, const char* sources) {
        return fmt::format(fmt::runtime(configuration), folder_.string(), architecture, sources);
    };
    TRY(write_file(folder_ / "apt.conf", configure_for(name_of(architecture_), "sources.list")));
    TRY(write_file(folder_ / armhf_config, configure_for("armhf", armhf_binaries.file)));
    const std::string mirror = TRY(find_mirror());
    if (architecture_ == Architecture::Host) {
        const std::string line =
            fmt::format("deb [signed-by={} target=Packages] {} {} main\n", keyring, mirror, suites[0]);
        TRY(write_file(folder_ / "releases.list", line));
        return write_file(folder_ / "sources.list", line);
    }
    std::string sources;
    for (const char* suite : suites) {
        sources += fmt::format("deb [signed-by={} target=Packages] {} {} main\n", keyring, mirror, suite);
        sources += fmt::format("deb-src [signed-by={} target=Sources] {} {} main\n", keyring, mirror, suite);
    }
    TRY(write_file(folder_ / "releases.list", sources));
    for (const SidList& list : {sid_sources, sid_binaries}) {
        const std::string line = line_of(list, mirror);
        TRY(write_file(folder_ / list.file, line));
        sources += line;
    }
    TRY(write_file(folder_ / armhf_binaries.file, line_of(armhf_binaries, mirror)));
    return write_file(folder_ / "sources.list", sources);
}

std::vector<std::string> PrivateApt::apt(std::string program, std::vector<std::string> arguments) const {
    const bool armhf = std::ranges::any_of(arguments, is_armhf);
    const auto config = folder_ / (armhf ? armhf_config : "apt.conf");
    std::vector<std::string> all = {std::move(program), "-q", "-c", config.string()};
    all.insert(all.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
    return all;
}

std::vector<std::string> PrivateApt::update_of(const char* list) const {
    // Error-Mode: without it apt-get only warns if a list cannot be fetched, and succeeds. List-Cleanup: it would remove
    // the lists that are not in this one.
    return apt("apt-get", {"-o", "APT::Update::Error-Mode=any", "-o", "APT::Get::List-Cleanup=false", "-o",
                           "Dir::Etc::sourcelist=" + (folder_ / list).string(), "update"});
}

Result<void> PrivateApt::fetch_lists(Progress::Step& step) const {
    step.update("fetching the lists of packages");
    std::error_code ignored;
    std::filesystem::remove(folder_ / "complete", ignored);
    const Command releases{.arguments = update_of("releases.list"), .log = log_};
    if (const ExitStatus status = TRY(run_process(releases)); !status.good()) {
        return failure(place, "the package lists cannot be fetched", network_hint(log_));
    }
    return write_file(folder_ / "complete", "");
}

Result<void> PrivateApt::require_sid(const SidList& list) const {
    const auto complete = folder_ / list.complete;
    if (std::filesystem::exists(complete)) {
        return {};
    }
    if (const ExitStatus status = TRY(run_process({.arguments = update_of(list.file), .log = log_})); !status.good()) {
        return failure(place, fmt::format("{} cannot be fetched", list.words), sid_hint(log_));
    }
    return write_file(complete, "");
}

Result<void> PrivateApt::update(const std::vector<PackageId>& ids, Progress::Step& step) const {
    std::error_code ignored;
    for (const SidList& list : {sid_sources, sid_binaries, armhf_binaries}) {
        std::filesystem::remove(folder_ / list.complete, ignored);
    }
    return std::ranges::all_of(ids, [](const PackageId& id) { return id.suite == sid; }) ? Result<void>{}
                                                                                         : fetch_lists(step);
}

Result<std::vector<ControlParagraph>> PrivateApt::show(const std::vector<PackageId>& ids) const {
    if (std::ranges::any_of(ids, [](const PackageId& id) { return id.suite == sid; })) {
        TRY(require_sid(sid_binaries));
    }
    if (std::ranges::any_of(ids, &PackageId::is_armhf)) {
        TRY(require_sid(armhf_binaries));
    }
    std::vector<std::string> arguments = qualified(ids);
    arguments.insert(arguments.begin(), {"show", "--no-all-versions"});
    return parse_control(TRY(capture(place, {.arguments = apt("apt-cache", std::move(arguments))})));
}

Result<void> PrivateApt::download(const std::vector<PackageId>& ids, const std::filesystem::path& folder,
                                  std::uint64_t total_bytes, Progress::Step& step) const {
    std::vector<std::string> arguments = qualified(ids);
    arguments.insert(arguments.begin(), "download");
    return fetch(std::move(arguments), folder, total_bytes, step);
}

Result<void> PrivateApt::fetch(std::vector<std::string> arguments, const std::filesystem::path& folder,
                               std::uint64_t total_bytes, Progress::Step& step) const {
    Process process =
        TRY(Process::start({.arguments = apt("apt-get", std::move(arguments)), .folder = folder, .log = log_}));
    const std::uint64_t before = bytes_in(folder);
    const std::string of_all = total_bytes == 0 ? "" : fmt::format(" of {}", total_bytes / 1'000'000);
    std::optional<ExitStatus> ended;
    while (!ended) {
        ended = process.wait_for(std::chrono::milliseconds(250));
        step.update(fmt::format("downloading, {}{} MB", (bytes_in(folder) - before) / 1'000'000, of_all));
    }
    if (!ended->good()) {
        return failure(place, "packages cannot be downloaded", network_hint(log_));
    }
    return {};
}

Result<std::vector<std::string>> PrivateApt::download_installation(const std::string& suite,
                                                                   const std::vector<std::string>& names,
                                                                   const std::filesystem::path& folder,
                                                                   Progress::Step& step) const {
    if (std::ranges::any_of(names, is_armhf)) {
        TRY(require_sid(armhf_binaries));
    }
    std::vector<std::string> arguments = {"-y", "-t", suite, "--no-install-recommends", "install"};
    arguments.insert(arguments.end(), names.begin(), names.end());
    const auto with = [&](std::vector<std::string> options) {
        options.insert(options.end(), arguments.begin(), arguments.end());
        return options;
    };
    step.update("finding the packages");
    const auto files =
        installed_files(TRY(capture(place, {.arguments = apt("apt-get", with({"--simulate"})), .log = log_})));
    // apt takes files that are there, and puts the others beside them when they are whole and checked.
    TRY(make_folder(folder / "partial"));
    TRY(fetch(with({"--download-only", "-o", "Dir::Cache::archives=" + folder.string()}), folder, 0, step));
    return files;
}

Result<void> PrivateApt::download_source(const PackageId& id, const std::filesystem::path& folder) const {
    if (id.suite == sid) {
        TRY(require_sid(sid_sources));
    }
    const ExitStatus status = TRY(run_process(
        {.arguments = apt("apt-get", {"source", "--download-only", "--only-source", id.name + "/" + id.suite}),
         .folder = folder,
         .log = log_}));
    if (!status.good()) {
        return failure(place, "the source package " + id.text() + " cannot be downloaded",
                       id.suite == sid ? sid_hint(log_) : network_hint(log_));
    }
    return {};
}

} // namespace trv::tool::packages
