// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/manager/transport.hpp"
#include "tool/support/file_descriptor.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace trv::host::manager {

/// Memory that a process shares with the TEE driver.
class SharedBuffer {
  public:
    [[nodiscard]] static Result<SharedBuffer> create(int device, std::size_t size);
    SharedBuffer(SharedBuffer&& other) noexcept;
    SharedBuffer& operator=(SharedBuffer&&) = delete;
    ~SharedBuffer();

    [[nodiscard]] char* bytes() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::uint64_t id() const { return id_; } ///< by which the driver knows it

  private:
    SharedBuffer(tool::FileDescriptor owner, char* bytes, std::size_t size, std::uint64_t id)
        : owner_{std::move(owner)}, bytes_{bytes}, size_{size}, id_{id} {}

    tool::FileDescriptor owner_; ///< the driver frees the memory when this is closed
    char* bytes_;
    std::size_t size_;
    std::uint64_t id_;
};

/// A session of the manager through the kernel's TEE driver. The kernel tells the manager who the caller is.
/// Source: [include/uapi/linux/tee.h]
class TeeDevice final : public Transport {
  public:
    /// The group whose members may call the manager, besides root.
    static constexpr const char* group_name = "trivisor";

    [[nodiscard]] static Result<std::unique_ptr<Transport>> open(const std::filesystem::path& device = "/dev/tee0");
    ~TeeDevice() override;

    [[nodiscard]] Result<Verdict> call(contract::manager::Command command, Arguments& arguments) override;

  private:
    TeeDevice(tool::FileDescriptor device, std::uint32_t session, SharedBuffer input, SharedBuffer output)
        : device_{std::move(device)}, session_{session}, input_{std::move(input)}, output_{std::move(output)} {}

    tool::FileDescriptor device_;
    std::uint32_t session_;
    SharedBuffer input_;
    SharedBuffer output_;
};

/// The number of a group in the text of an /etc/group; nothing if it does not have it.
[[nodiscard]] std::optional<gid_t> group_in(std::string_view text, std::string_view name);

} // namespace trv::host::manager
