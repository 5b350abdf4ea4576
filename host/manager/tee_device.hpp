// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/manager/transport.hpp"
#include "tool/support/file_descriptor.hpp"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace trv::host::manager {

/// Memory that a process shares with the TEE driver.
class SharedBuffer {
  public:
    [[nodiscard]] static Result<SharedBuffer> create(int device, std::size_t size);
    SharedBuffer(SharedBuffer&& other) noexcept;
    SharedBuffer& operator=(SharedBuffer&& other) noexcept;
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
    [[nodiscard]] Result<std::unique_ptr<RegisteredMemory>> register_memory(std::span<char> memory) override;

  private:
    /// The memory of one call.
    struct Buffers {
        SharedBuffer input;
        SharedBuffer output;
    };

    TeeDevice(tool::FileDescriptor device, std::uint32_t session, Buffers buffers)
        : device_{std::move(device)}, session_{session} {
        free_.push_back(std::move(buffers));
    }
    /// Free buffers of this size; made if none are free. Calls that wait keep theirs.
    [[nodiscard]] Result<Buffers> take_buffers(std::size_t input, std::size_t output);
    void give_buffers(Buffers buffers);

    tool::FileDescriptor device_;
    std::uint32_t session_;
    std::mutex mutex_;
    std::vector<Buffers> free_; ///< under mutex_
};

/// The number of a group in the text of an /etc/group; nothing if it does not have it.
[[nodiscard]] std::optional<gid_t> group_in(std::string_view text, std::string_view name);

} // namespace trv::host::manager
