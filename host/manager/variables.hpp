// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/manager/devices.hpp"
#include "host/manager/transport.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trv::host::manager {

/// What the manager offers to the program that keeps the variables of a VM's firmware. One thread uses it.
class Variables {
  public:
    Variables(std::shared_ptr<Transport> transport, std::string name, const NewVm& vm)
        : transport_{std::move(transport)}, name_{std::move(name)}, handle_{vm.handle} {}

    /// Fills the flash of a VM that does not run.
    /// @param content  contract::manager::variables_size bytes
    [[nodiscard]] Result<void> write(std::string_view content);

    /// How often the VM has changed its flash.
    /// @param kept  changes that are in the file: with the last ones the VM may be forgotten
    /// @return nothing if the VM has been forgotten
    [[nodiscard]] Result<std::optional<std::uint64_t>> changes(std::uint64_t kept);
    /// What the flash held at one moment.
    /// @param changes  of changes()
    /// @return nothing if there were others meanwhile
    [[nodiscard]] Result<std::optional<std::string>> read(std::uint64_t changes, std::uint64_t kept);

    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    [[nodiscard]] Result<Verdict> read_piece(Arguments& arguments, std::size_t offset, std::size_t room,
                                             std::uint64_t kept);

    std::shared_ptr<Transport> transport_;
    std::string name_;
    std::uint64_t handle_;
};

} // namespace trv::host::manager
