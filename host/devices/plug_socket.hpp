// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/devices/device_record.hpp"
#include "host/devices/device_thread.hpp"

#include <list>
#include <memory>

namespace trv::host::devices {

/// Where `trivisorctl plug` and `unplug` ask the program that serves a VM's devices: a socket beside the VM's record,
/// NAME.plug, for the user who made it alone, which is root.
class PlugSocket {
  public:
    using Change = devices::Change;
    /// Carries a request out, now or later.
    using Handler = std::function<void(std::string_view device, Change change, Answer answer)>;

    /// The error that another program serves devices of a VM of this name.
    [[nodiscard]] static Result<void> expect_none(const std::string& vm,
                                                  const std::filesystem::path& folder = served_vms);
    /// Makes the socket. Requests wait until serve(). It is an error if another program has it.
    [[nodiscard]] static Result<std::unique_ptr<PlugSocket>> listen(const std::string& vm,
                                                                    const std::filesystem::path& folder = served_vms);
    PlugSocket(const PlugSocket&) = delete;
    PlugSocket& operator=(const PlugSocket&) = delete;
    /// Removes it, if this program may.
    ~PlugSocket();

    [[nodiscard]] static std::filesystem::path path_of(const std::string& vm, const std::filesystem::path& folder);

    /// @param loop  outlives this object
    void serve(tool::EventLoop& loop, Handler handler);

  private:
    /// A connection that has not asked yet.
    struct Client {
        tool::FileDescriptor socket{};
        tool::EventLoop::Source source{};
    };
    PlugSocket(std::string vm, std::filesystem::path path, tool::FileDescriptor socket);
    void accept();
    void take(std::list<Client>::iterator client);

    std::string vm_;
    std::filesystem::path path_;
    tool::FileDescriptor socket_;
    uid_t user_;
    tool::EventLoop* loop_ = nullptr;
    Handler handler_{};
    std::list<Client> clients_;
    tool::EventLoop::Source source_;
};

/// Asks the program that serves the VM, and waits for its answer.
[[nodiscard]] Result<void> ask_for_change(const std::string& vm, const std::string& device, Change change,
                                          const std::filesystem::path& folder = served_vms);

} // namespace trv::host::devices
