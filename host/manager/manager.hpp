// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/channels.hpp"
#include "host/manager/devices.hpp"
#include "host/manager/transport.hpp"
#include "host/manager/variables.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace trv::host::manager {

/// What becomes of a VM when the session that took it in closes.
enum class Lifetime : std::uint8_t { Session, Persistent };

/// What a channel had to say.
struct Output {
    std::string bytes{};
    std::uint64_t lost = 0; ///< bytes before these that came too fast
};

/// Waits for the channels of a Manager's session. Another thread than the Manager's may use it.
class Waiter {
  public:
    explicit Waiter(std::shared_ptr<Transport> transport) : transport_{std::move(transport)} {}

    /// Waits until one of the channels has something to read; a bit each.
    /// @return those that have; none after `milliseconds`
    [[nodiscard]] Result<std::uint64_t> wait(std::uint64_t channels, std::uint32_t milliseconds);

  private:
    std::shared_ptr<Transport> transport_;
};

/// The hypervisor's manager, as its commands are: contract/manager.hpp. One thread uses it.
class Manager {
  public:
    /// Makes sure that both sides speak the same version.
    [[nodiscard]] static Result<Manager> greet(std::unique_ptr<Transport> transport);

    /// Runs a command of the monitor. @return its reply, which may report a failure
    [[nodiscard]] Result<nlohmann::ordered_json> monitor(std::string_view command);

    /// @param tree  of tree::compile_vm_tree()
    /// @param name  of the VM, for messages
    [[nodiscard]] Result<NewVm> create(const std::string& name, std::string_view tree, Lifetime lifetime);
    /// Loads a whole image.
    [[nodiscard]] Result<void> load(const std::string& name, const NewVm& vm, contract::manager::Image image,
                                    std::string_view bytes);
    [[nodiscard]] Result<void> start(const std::string& name, const NewVm& vm);
    /// Forgets a VM that does not run, with its images; waits for one that is about to stop.
    [[nodiscard]] Result<void> forget(const std::string& name);

    /// For another thread, as long as it waits.
    [[nodiscard]] Waiter waiter() const { return Waiter{transport_}; }
    /// The devices of a VM, if the hypervisor has such.
    [[nodiscard]] Result<Devices> devices(const std::string& name, const NewVm& vm) const;
    /// The variables of a VM's firmware, if the hypervisor has such VMs.
    [[nodiscard]] Result<Variables> variables(const std::string& name, const NewVm& vm) const;
    [[nodiscard]] Result<Output> read(contract::ChannelNumber channel);
    /// @return how many bytes were taken
    [[nodiscard]] Result<std::size_t> write(contract::ChannelNumber channel, std::string_view bytes);

  private:
    explicit Manager(std::shared_ptr<Transport> transport) : transport_{std::move(transport)} {}
    [[nodiscard]] Result<void> call(const std::string& place, contract::manager::Command command, Arguments& arguments);

    std::shared_ptr<Transport> transport_;
    bool has_devices_ = false;
    bool has_variables_ = false;
};

/// The bit of a channel in the masks of wait().
[[nodiscard]] constexpr std::uint64_t bit_of(unsigned channel) {
    return std::uint64_t{1} << channel;
}
static_assert(contract::max_channels <= 64);

} // namespace trv::host::manager
