// SPDX-License-Identifier: Apache-2.0
#include "host/devices/backend/backend_process.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace trv::host::devices {

namespace {

/// Seconds. A backend that ends again and again costs no more than this: before it has answered, and afterwards.
constexpr double first_delay = 0.05;
constexpr double longest_delay = 5;
constexpr double longest_delay_of_served = 0.5;
constexpr double look_interval = 1; ///< seconds
constexpr unsigned most_attempts = 4;
constexpr int not_loaded = 5; ///< [systemctl(1), EXIT STATUS]

constexpr auto properties = std::to_array<const char*>({
    "CapabilityBoundingSet=",
    "DevicePolicy=closed",
    "LimitCORE=0", // it would have keys, and what VMs write
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "NoNewPrivileges=yes",
    "PrivateIPC=yes",
    "PrivateTmp=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHome=tmpfs",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
    "ProtectSystem=strict",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "TimeoutStopSec=3s",
    // Nothing of the host's own data, and no other VM's.
    "TemporaryFileSystem=/etc:ro /mnt /media /opt /run /srv /var",
    "UMask=0007",
});

std::map<std::filesystem::path, SocketFile> sockets_among(const std::vector<std::filesystem::path>& files) {
    std::map<std::filesystem::path, SocketFile> sockets;
    for (const auto& file : files) {
        struct stat status{};
        if (::stat(file.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
            sockets[file] = {.inode = status.st_ino,
                             .made_ns = status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec};
        }
    }
    return sockets;
}

std::vector<std::string> command_of(const BackendPlan& plan) {
    auto command = plan.arguments();
    command.insert(command.begin(), plan.program);
    return command;
}

} // namespace

Result<bool> give_to_backends(const std::filesystem::path& path, const std::string& served, std::string hint) {
    const passwd* const user = ::getpwnam(backend_user);
    if (user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
        return tool::system_failure(path, "cannot be given to the programs that serve " + served, std::move(hint));
    }
    return user != nullptr;
}

bool runs_systemd() {
    std::error_code problem;
    return std::filesystem::is_directory("/run/systemd/system", problem); // [sd_booted(3)]
}

std::unexpected<tool::Error> no_backend_user(const std::string& vm) {
    return tool::failure("VM " + vm, std::string{"the host has no user "} + backend_user,
                         "Install the package trivisor-host again.");
}

std::string backend_unit(std::string_view vm, std::string_view program) {
    return fmt::format("trivisor-io-{}:{}.service", vm, program);
}

std::vector<std::string> sandboxed(const BackendPlan& plan, const Household& household, const std::string& unit) {
    std::vector<std::string> arguments{"systemd-run", "--quiet", "--collect", "--wait",
                                       "--pipe",      "--unit",  unit,        "--service-type=exec"};
    const auto property = [&](std::string text) { arguments.push_back("--property=" + std::move(text)); };
    arguments.push_back(fmt::format("--description=Trivisor VM {}: {}", household.vm, plan.name));
    property(fmt::format("User={}", backend_user));
    for (const char* text : properties) {
        property(text);
    }
    for (const auto& text : plan.rights) {
        property(text);
    }
    if (plan.in_own_users) {
        property("PrivateUsers=yes");
    }
    if (!plan.key.empty()) {
        property(fmt::format("LoadCredential={}:{}", key_credential, plan.key.string()));
    }
    property(plan.folder_inside.empty()
                 ? fmt::format("BindPaths={}", household.folder.string())
                 : fmt::format("BindPaths={}:{}", household.folder.string(), plan.folder_inside.string()));
    for (const auto& file : plan.files) {
        std::error_code problem;
        property(fmt::format("{}={}", plan.only_reads ? "BindReadOnlyPaths" : "BindPaths", file.string()));
        if (std::filesystem::is_block_file(file, problem)) {
            property(fmt::format("DeviceAllow={} {}", file.string(), plan.only_reads ? "r" : "rw"));
        }
    }
    arguments.emplace_back("--");
    const auto command = command_of(plan);
    arguments.insert(arguments.end(), command.begin(), command.end());
    return arguments;
}

BackendProcess::BackendProcess(const BackendPlan& plan, const Household& household, tool::EventLoop& loop)
    : plan_{plan}, household_{household}, unit_{household.sandboxed ? backend_unit(household.vm, plan.name) : ""},
      loop_{loop}, restart_{loop.on_deadline(again_, [this]() -> Result<void> { return launch(); })},
      looks_{loop.on_deadline(look_, [this] { look_at_sockets(); })}, backoff_{first_delay} {}

BackendProcess::~BackendProcess() {
    // In order: an image may have parts that are only in its program's memory, and the next VM's program cannot open it
    // before. systemctl gives up on a host that does nothing for half a minute.
    unsigned attempts = most_attempts;
    while (!end_service({"stop"}) && --attempts != 0) {
    }
    if (process_) {
        (void)process_->stop(std::chrono::seconds{orderly_end});
    }
}

bool BackendProcess::end_service(std::vector<std::string> how) {
    if (unit_.empty()) {
        return true;
    }
    how.insert(how.begin(), {"systemctl", "--quiet"});
    how.push_back(unit_);
    const auto status = tool::run_process({.arguments = std::move(how), .log = "/dev/null"});
    return status && (status->good() || status->code == not_loaded);
}

Result<void> BackendProcess::start() {
    auto wanted = plan_.files;
    if (!plan_.key.empty()) {
        wanted.push_back(plan_.key);
    }
    for (const auto& file : wanted) {
        std::error_code problem;
        if (std::filesystem::status(file, problem).type() == std::filesystem::file_type::not_found) {
            return tool::failure(fmt::format("VM {}: {}", household_.vm, plan_.name),
                                 fmt::format("{} does not exist", file.string()),
                                 "Put there what the VM is to find, and try again.");
        }
    }
    return launch();
}

void BackendProcess::resume() {
    if (const auto launched = launch(); !launched) {
        fmt::print(stderr, "{}\n", to_string(launched.error()));
        again_.set(longest_delay);
    }
}

Result<void> BackendProcess::launch() {
    (void)end_service({"stop"});
    std::error_code ignored;
    std::filesystem::remove(plan_.socket, ignored); // no process listens there any more
    process_.emplace(TRY(tool::Process::start(
        {.arguments = household_.sandboxed ? sandboxed(plan_, household_, unit_) : command_of(plan_)})));
    ended_ = loop_.on_input(process_->descriptor(), [this] { on_end(); });
    serves_since_.reset();
    sockets_ = sockets_among(plan_.files);
    if (!sockets_.empty()) {
        look_.set(look_interval);
    }
    return {};
}

/// A server that is started again makes a new socket. The service still has the old one, at which nobody listens.
void BackendProcess::look_at_sockets() {
    const auto now = sockets_among(plan_.files);
    if (process_ && now.size() == sockets_.size() && now != sockets_) {
        kill();
    } else {
        look_.set(look_interval);
    }
}

void BackendProcess::kill() {
    if (process_) {
        (void)end_service({"kill"});
        (void)process_->stop(std::chrono::milliseconds{0});
        on_end();
    }
}

/// It does not wait: others want something of this process meanwhile.
void BackendProcess::stop(Ending ending) {
    again_.clear();
    look_.clear();
    ended_ = {};
    if (ending == Ending::AtOnce) {
        (void)end_service({"kill", "--signal=KILL"});
        process_.reset();
        return;
    }
    (void)end_service({"stop", "--no-block"});
    if (runs()) {
        (void)::kill(-process_->id(), SIGTERM); // its group
    }
}

void BackendProcess::on_end() {
    ended_ = {};
    const auto status = process_->wait();
    process_.reset();
    fmt::print(stderr, "{}: {} ended with exit code {}, and starts again\n", plan_.name, plan_.program, status.code);
    again_.set(serves_since_ ? backoff_.next(std::chrono::steady_clock::now() - *serves_since_, longest_delay_of_served)
                             : backoff_.next({}, longest_delay));
}

} // namespace trv::host::devices
