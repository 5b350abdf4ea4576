// SPDX-License-Identifier: Apache-2.0
#include "host/manager/tee_device.hpp"

#include "tool/support/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/tee.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

namespace trv::host::manager {

namespace {

using contract::manager::Kind;
using tool::FileDescriptor;

constexpr const char* who = "Run it as root, or as a member of the group trivisor.";
constexpr const char* where =
    "Run it in the host VM of a Trivisor machine; other VMs and bare machines have no manager.";

constexpr std::size_t parameter_count = 4;
constexpr std::size_t page_size = 4096;
/// For calls that come while the buffers of the first are in use.
constexpr std::size_t small_buffer = 4096;

/// An argument of the driver, with its parameters behind it.
template <typename Argument>
class Message {
  public:
    Message() { argument().num_params = parameter_count; }

    [[nodiscard]] Argument& argument() { return *reinterpret_cast<Argument*>(bytes_.data()); }
    [[nodiscard]] tee_ioctl_param& parameter(std::size_t index) { return argument().params[index]; }

    [[nodiscard]] int send(int device, unsigned long request) {
        tee_ioctl_buf_data data{.buf_ptr = reinterpret_cast<std::uintptr_t>(bytes_.data()), .buf_len = bytes_.size()};
        return ::ioctl(device, request, &data);
    }

  private:
    alignas(Argument) std::array<char, sizeof(Argument) + parameter_count * sizeof(tee_ioctl_param)> bytes_{};
};

std::uint64_t attribute(Kind kind) {
    switch (kind) {
    case Kind::None:
        return TEE_IOCTL_PARAM_ATTR_TYPE_NONE;
    case Kind::ValueIn:
        return TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INPUT;
    case Kind::ValueOut:
        return TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_OUTPUT;
    case Kind::ValueInOut:
        return TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT;
    case Kind::MemoryIn:
        return TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT;
    case Kind::MemoryOut:
        return TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_OUTPUT;
    }
    return TEE_IOCTL_PARAM_ATTR_TYPE_NONE;
}

Result<FileDescriptor> open_device(const std::filesystem::path& device) {
    FileDescriptor descriptor{::open(device.c_str(), O_RDWR | O_CLOEXEC)};
    if (descriptor) {
        return descriptor;
    }
    if (errno == ENOENT || errno == ENXIO || errno == ENODEV) {
        return tool::failure(device.string(),
                             "does not exist: the kernel's module optee is not loaded, or this is not "
                             "the host of a Trivisor machine",
                             "Load it with `modprobe optee`.");
    }
    if (errno == EACCES || errno == EPERM) {
        return tool::failure(device.string(), "this user may not open it", who);
    }
    return tool::system_failure(device.string(), "cannot be opened");
}

/// Fills in as whom to call: as root, otherwise as a member of the group.
Result<void> log_in(tee_ioctl_open_session_arg& argument) {
    if (::geteuid() == 0) {
        argument.clnt_login = TEE_IOCTL_LOGIN_USER;
        return {};
    }
    const auto group = group_in(tool::read_file("/etc/group").value_or(""), TeeDevice::group_name);
    if (!group) {
        return tool::failure("manager", "only root may use it: this system has no group trivisor", "Run it as root.");
    }
    argument.clnt_login = TEE_IOCTL_LOGIN_GROUP;
    const std::uint32_t number = *group;
    std::memcpy(argument.clnt_uuid, &number, sizeof(number));
    return {};
}

Result<std::uint32_t> open_session(int device) {
    Message<tee_ioctl_open_session_arg> message;
    auto& argument = message.argument();
    std::ranges::copy(contract::manager::uuid, argument.uuid);
    TRY(log_in(argument));
    if (message.send(device, TEE_IOC_OPEN_SESSION) != 0) {
        return errno == EPERM || errno == EACCES
                   ? Result<std::uint32_t>{tool::failure("manager", "this user is not a member of the group trivisor",
                                                         who)}
                   : tool::system_failure("manager", "no session can be opened");
    }
    switch (static_cast<Verdict>(argument.ret)) {
    case Verdict::Success:
        return argument.session;
    case Verdict::AccessDenied:
        return tool::failure("manager", "the hypervisor refuses this user", who);
    case Verdict::ItemNotFound:
    case Verdict::NotSupported:
        return tool::failure("manager", "this OP-TEE has no manager of Trivisor's", where);
    case Verdict::Busy:
    case Verdict::OutOfMemory:
        return tool::failure("manager", "too many programs use it", "End one of them.");
    default:
        return tool::failure("manager", fmt::format("no session can be opened: error {:#x}", argument.ret));
    }
}

/// @param input, output  for memory that goes in and comes back, and large enough for it; null without such
Result<Verdict> invoke(int device, std::uint32_t session, contract::manager::Command command, Arguments& arguments,
                       const SharedBuffer* input, const SharedBuffer* output) {
    const auto& row = contract::manager::row_of(command);
    Message<tee_ioctl_invoke_arg> message;
    message.argument().func = static_cast<std::uint32_t>(command);
    message.argument().session = session;
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        const Argument& from = arguments[index];
        tee_ioctl_param& to = message.parameter(index);
        const Kind kind = row.parameters[index].kind;
        to = {.attr = attribute(kind), .a = from.a, .b = from.b, .c = from.c};
        if (kind == Kind::MemoryIn && from.registered != 0) {
            to = {.attr = to.attr, .a = 0, .b = page_size, .c = from.registered - 1};
        } else if (kind == Kind::MemoryIn && input != nullptr) {
            std::ranges::copy(from.input, input->bytes());
            to = {.attr = to.attr, .a = 0, .b = from.input.size(), .c = input->id()};
        } else if (kind == Kind::MemoryOut && output != nullptr) {
            output->bytes()[0] = '\0'; // no words of an earlier call
            to = {.attr = to.attr, .a = 0, .b = from.room, .c = output->id()};
        }
    }
    if (message.send(device, TEE_IOC_INVOKE) != 0) {
        return tool::system_failure("manager", fmt::format("the command {} does not reach it", row.name));
    }
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        Argument& to = arguments[index];
        const tee_ioctl_param& from = message.parameter(index);
        const Kind kind = row.parameters[index].kind;
        if (kind == Kind::ValueOut || kind == Kind::ValueInOut) {
            to.a = from.a;
            to.b = from.b;
            to.c = from.c;
        } else if (kind == Kind::MemoryOut && output != nullptr) {
            to.output.assign(output->bytes(), std::min<std::size_t>(from.b, to.room));
        }
    }
    return static_cast<Verdict>(message.argument().ret);
}

/// The driver's numbers begin at 0.
class Registration final : public RegisteredMemory {
  public:
    Registration(FileDescriptor owner, int id) : owner_{std::move(owner)}, id_{id} {}
    [[nodiscard]] std::uint64_t number() const override { return static_cast<std::uint64_t>(id_) + 1; }

  private:
    FileDescriptor owner_; ///< the driver unregisters the memory when this is closed
    int id_;
};

} // namespace

std::optional<gid_t> group_in(std::string_view text, std::string_view name) {
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        const auto password = line.find(':');
        const auto number = line.find(':', password + 1);
        if (number != std::string::npos && line.substr(0, password) == name) {
            gid_t group = 0;
            std::istringstream digits{line.substr(number + 1)};
            return digits >> group ? std::optional{group} : std::nullopt;
        }
    }
    return std::nullopt;
}

Result<SharedBuffer> SharedBuffer::create(int device, std::size_t size) {
    tee_ioctl_shm_alloc_data data{.size = size, .flags = 0, .id = 0};
    FileDescriptor owner{::ioctl(device, TEE_IOC_SHM_ALLOC, &data)};
    if (!owner) {
        return tool::system_failure("manager", "no memory can be shared with it");
    }
    void* bytes = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, owner.get(), 0);
    if (bytes == MAP_FAILED) {
        return tool::system_failure("manager", "shared memory cannot be mapped");
    }
    return SharedBuffer{std::move(owner), static_cast<char*>(bytes), size, static_cast<std::uint64_t>(data.id)};
}

SharedBuffer::SharedBuffer(SharedBuffer&& other) noexcept
    : owner_{std::move(other.owner_)}, bytes_{std::exchange(other.bytes_, nullptr)}, size_{other.size_},
      id_{other.id_} {}

SharedBuffer& SharedBuffer::operator=(SharedBuffer&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    std::swap(id_, other.id_);
    return *this;
}

SharedBuffer::~SharedBuffer() {
    if (bytes_ != nullptr) {
        ::munmap(bytes_, size_);
    }
}

Result<std::unique_ptr<Transport>> TeeDevice::open(const std::filesystem::path& path) {
    FileDescriptor device = TRY(open_device(path));
    const std::uint32_t session = TRY(open_session(device.get()));
    Buffers buffers{.input = TRY(SharedBuffer::create(device.get(), contract::manager::largest_piece)),
                    .output = TRY(SharedBuffer::create(device.get(), contract::manager::largest_answer))};
    return std::unique_ptr<Transport>{new TeeDevice{std::move(device), session, std::move(buffers)}};
}

/// The kernel does it as well when the device is closed.
TeeDevice::~TeeDevice() {
    tee_ioctl_close_session_arg argument{.session = session_};
    (void)::ioctl(device_.get(), TEE_IOC_CLOSE_SESSION, &argument);
}

Result<TeeDevice::Buffers> TeeDevice::take_buffers(std::size_t input, std::size_t output) {
    {
        const std::lock_guard lock{mutex_};
        const auto fit = std::ranges::find_if(free_, [&](const Buffers& buffers) {
            return buffers.input.size() >= input && buffers.output.size() >= output;
        });
        if (fit != free_.end()) {
            Buffers found = std::move(*fit);
            free_.erase(fit);
            return found;
        }
    }
    return Buffers{.input = TRY(SharedBuffer::create(device_.get(), std::max(input, small_buffer))),
                   .output = TRY(SharedBuffer::create(device_.get(), std::max(output, small_buffer)))};
}

void TeeDevice::give_buffers(Buffers buffers) {
    const std::lock_guard lock{mutex_};
    free_.push_back(std::move(buffers));
}

Result<Verdict> TeeDevice::call(contract::manager::Command command, Arguments& arguments) {
    const auto& row = contract::manager::row_of(command);
    bool carries_memory = false;
    std::size_t input_size = 0;
    std::size_t output_size = 0;
    for (std::size_t index = 0; index < arguments.size(); ++index) {
        const Argument& argument = arguments[index];
        const Kind kind = row.parameters[index].kind;
        carries_memory |= (kind == Kind::MemoryIn && argument.registered == 0) || kind == Kind::MemoryOut;
        input_size += kind == Kind::MemoryIn ? argument.input.size() : 0;
        output_size += kind == Kind::MemoryOut ? argument.room : 0;
    }
    if (!carries_memory) {
        return invoke(device_.get(), session_, command, arguments, nullptr, nullptr);
    }
    Buffers buffers = TRY(take_buffers(input_size, output_size));
    auto verdict = invoke(device_.get(), session_, command, arguments, &buffers.input, &buffers.output);
    give_buffers(std::move(buffers));
    return verdict;
}

Result<std::unique_ptr<RegisteredMemory>> TeeDevice::register_memory(std::span<char> memory) {
    tee_ioctl_shm_register_data data{
        .addr = reinterpret_cast<std::uintptr_t>(memory.data()), .length = memory.size(), .flags = 0, .id = 0};
    FileDescriptor owner{::ioctl(device_.get(), TEE_IOC_SHM_REGISTER, &data)};
    if (!owner) {
        return tool::system_failure("manager",
                                    fmt::format("{} MiB of memory cannot be registered", memory.size() >> 20));
    }
    return std::unique_ptr<RegisteredMemory>{new Registration{std::move(owner), data.id}};
}

} // namespace trv::host::manager
