// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine with a manager, for programs of the host: VMs that are only names, images and channels. A VM with an initramfs
// has an agent: it says hello when the VM starts, says of each command what `run` says, and powers off when asked to.

#include "host/consoles/channel_watch.hpp"
#include "host/manager/manager.hpp"
#include "tests/unit/host/fake_devices.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace trv::host {

class FakeMachine {
  public:
    struct Vm {
        std::string name{};
        std::string state = "created";
        unsigned index = 0;
        std::uint64_t handle = 0;
        bool persistent = true;
        std::string tree{};
        std::map<contract::manager::Image, std::string> images{};
        std::string flash = std::string(contract::manager::variables_size, '\xff');
        std::uint64_t changes = 0;           ///< of the flash
        std::optional<std::uint64_t> kept{}; ///< of these; nothing: no program keeps them
    };

    /// What a command in a VM writes to the console; its exit code.
    std::function<std::pair<std::string, int>(const std::string& command)> run = [](const std::string&) {
        return std::pair<std::string, int>{"", 0};
    };
    std::uint64_t version = contract::manager::version;
    bool has_devices = true;
    bool has_variables = true;
    bool flash_never_rests = false; ///< it changes with each piece that is read
    FakeDevices devices{};          ///< of the VM that has some
    std::uint64_t free_frames = 1 << 20;
    std::string refusal{}; ///< of the next create or start
    std::vector<Vm> vms{};
    std::vector<std::string> monitor_lines{};
    std::vector<std::size_t> loaded{}; ///< sizes of the pieces
    std::map<unsigned, std::string> written{};

    [[nodiscard]] consoles::Connect connect();
    /// What a VM writes.
    void put(unsigned channel, std::string_view bytes);
    /// The firmware of the first VM changes a byte of its flash.
    void change_flash(std::size_t offset, char byte);
    /// For a second thread: until a VM has got these bytes, or the last of what it wrote has been read.
    void await_written(unsigned channel, std::string_view bytes);
    void await_read(unsigned channel);

    struct Session {
        std::size_t events = 0; ///< how many bytes of the events it has read
    };
    [[nodiscard]] Session open();
    void close(const Session& session);
    [[nodiscard]] manager::Verdict call(contract::manager::Command command, manager::Arguments& arguments,
                                        Session& session);

  private:
    using Lock = std::unique_lock<std::mutex>;
    [[nodiscard]] Vm* find(std::string_view name);
    [[nodiscard]] Vm* find(std::uint64_t handle);
    [[nodiscard]] manager::Verdict create(manager::Arguments& arguments);
    [[nodiscard]] manager::Verdict load(manager::Arguments& arguments);
    [[nodiscard]] std::string answer(const std::string& line);
    [[nodiscard]] manager::Verdict variables(contract::manager::Command command, manager::Arguments& arguments);
    void start(Vm& vm);
    void stop(Vm& vm, const std::string& state, const std::string& reason);
    void take_agent_lines(Vm& vm);
    void put_locked(unsigned channel, std::string_view bytes);
    void event(const std::string& name, const Vm& vm, const std::string& more = {});

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<unsigned, std::string> output_;
    std::map<unsigned, const Session*> users_; ///< of VMs' channels: the session that reads or writes them
    std::uint64_t last_handle_ = 0;
};

} // namespace trv::host
