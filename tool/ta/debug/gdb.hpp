// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tool/support/error.hpp"
#include "tool/support/file_descriptor.hpp"
#include "tool/support/paths.hpp"
#include "tool/support/process/process.hpp"
#include "tool/ta/debug/core_symbols.hpp"
#include "tool/ta/debug/foreground.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace trv::tool::ta {

/// What gdb debugs: one trusted application in one VM.
struct GdbTask {
    std::filesystem::path run_folder;
    CoreSymbols optee;
    std::filesystem::path ta; ///< its ELF file
    std::string uuid;
    unsigned guest;                   ///< OP-TEE's number for the VM
    std::filesystem::path batch = {}; ///< commands; empty: the user's
};

/// A gdb that is connected to a machine. scripts/gdb/ta.py is its half of this class.
class Gdb {
  public:
    [[nodiscard]] static Result<Gdb> start(const Paths& paths, const GdbTask& task);
    Gdb(Gdb&& other) noexcept = default;
    Gdb& operator=(Gdb&&) = delete;
    /// Lets gdb restore the terminal.
    ~Gdb();

    /// For an EventLoop: readable when gdb has ended.
    [[nodiscard]] int end() const { return process_.descriptor(); }

    /// For an EventLoop: readable when its breakpoint is set, so that the client may start, or when gdb has ended.
    [[nodiscard]] int channel() const { return channel_.get(); }
    /// Whether the breakpoint is set.
    [[nodiscard]] bool take_ready() const;

    /// The client has ended: gdb stops waiting for the machine.
    void say_client_ended() const;

    /// SIGTERM, and SIGKILL later.
    void stop() { process_.stop(); }
    /// Waits until it has ended.
    [[nodiscard]] ExitStatus wait() { return process_.wait(); }

    /// What gdb gets in its environment: an object of JSON.
    [[nodiscard]] static std::string settings(const GdbTask& task, int folder, int channel);

  private:
    Gdb(std::unique_ptr<Foreground> foreground, Process process, FileDescriptor channel)
        : foreground_(std::move(foreground)), process_(std::move(process)), channel_(std::move(channel)) {}

    std::unique_ptr<Foreground> foreground_; ///< outlives the process
    Process process_;
    FileDescriptor channel_;
};

} // namespace trv::tool::ta
