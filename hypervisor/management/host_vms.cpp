// SPDX-License-Identifier: Apache-2.0
#include "management/host_vms.hpp"

#include "arch/cpu/nospec.hpp"
#include "contract/channels.hpp"
#include "generated/option/firmware.hpp"
#include "generated/option/virtio.hpp"
#include "lib/device_tree/device_tree.hpp"
#include "lib/heap_array.hpp"
#include "machine/vm_parser.hpp"

#include <algorithm>

namespace trv::management {
namespace {

using tee::manager::CallerMemory;
using tee::manager::TeeResult;

/// They are loaded later: the properties have their sizes.
class ImagesToCome final : public machine::Images {
  public:
    [[nodiscard]] std::expected<PaRange, std::string_view> find(const DeviceProperty& named) const override {
        const auto base = named.number(0, 2);
        const auto size = named.number(2, 2);
        if (named.size() != 16 || !base || !size || *base != 0 || *size == 0 || *size > vm::LoadedImage::largest) {
            return std::unexpected(expected());
        }
        return PaRange{Pa(), *size};
    }
    [[nodiscard]] std::string_view expected() const override {
        return "64 bits of 0, and 64 bits of size, at most 4 GiB";
    }
};

/// The only node of the root.
std::optional<DeviceNode> only_vm(const DeviceTree& tree) {
    std::optional<DeviceNode> vm;
    unsigned nodes = 0;
    for (const DeviceNode node : tree.root().children()) {
        ++nodes;
        if (node.base_name() == contract::vm_node) {
            vm = node;
        }
    }
    return nodes == 1 ? vm : std::nullopt;
}

Result<Unique<console::HostLine>> make_line(unsigned channel, console::OutputListener& listener) {
    return memory::make<console::HostLine>(channel, listener,
                                           TRY(HeapArray<u8>::create(contract::manager::channel_room)));
}

[[maybe_unused]] Result<void> make_variables(Unique<vm::Variables>& variables, memory::FramePool& pool,
                                             memory::FrameOwner owner) {
    if (!pool.can_spare(contract::manager::variables_size / page_size)) {
        return fail(Error::NoMemory);
    }
    variables = TRY(vm::Variables::create(pool, owner));
    return {};
}
[[maybe_unused]] Result<void> make_variables(vm::NoVariables&, memory::FramePool&, memory::FrameOwner) {
    return {};
}

} // namespace

TeeResult result_of(Error error) {
    switch (error) {
    case Error::NotFound:
        return TeeResult::ItemNotFound;
    case Error::Busy:
        return TeeResult::Busy;
    case Error::Denied:
        return TeeResult::AccessDenied;
    case Error::Invalid:
        return TeeResult::BadState;
    case Error::NoMemory:
    case Error::TooMany:
        return TeeResult::OutOfMemory;
    default:
        return TeeResult::BadParameters;
    }
}

void say(tee::manager::Invocation::Parameter& to, std::string_view text) {
    to.used = std::min<u64>(text.size(), to.memory.size());
    to.memory.write(0, {reinterpret_cast<const u8*>(text.data()), to.used});
}

TeeResult HostVms::create(const CallerMemory& memory, Made& made, Parameter& why) {
    if (memory.size() == 0 || memory.size() > contract::manager::largest_tree) {
        say(why, "the description is empty or too large");
        return TeeResult::BadParameters;
    }
    auto words = HeapArray<u64>::create((memory.size() + sizeof(u64) - 1) / sizeof(u64)); // trees are aligned
    if (!words) {
        say(why, "not enough free memory");
        return TeeResult::OutOfMemory;
    }
    const std::span<u8> bytes(reinterpret_cast<u8*>(words->begin()), memory.size());
    memory.read(0, bytes);
    // What opening a tree and looking into it costs grows with the product of its properties and their names.
    const bool whole = bytes.size() >= DeviceTree::header_size;
    if (whole &&
        DeviceTree::names_size(bytes.first<DeviceTree::header_size>()) > contract::manager::largest_tree_names) {
        say(why, "the description is not a tree, or its properties' names are too long");
        return TeeResult::BadParameters;
    }
    const Result<DeviceTree> tree = whole ? DeviceTree::open(bytes) : fail(Error::Invalid);
    if (!tree) {
        say(why, "the description is not a flattened device tree");
        return TeeResult::BadParameters;
    }
    Unique<machine::VmConfig> config;
    const TeeResult read = read_description(*tree, config, why);
    return read == TeeResult::Success ? take_in(std::move(config), made, why) : read;
}

TeeResult HostVms::read_description(const DeviceTree& tree, Unique<machine::VmConfig>& config, Parameter& why) {
    const std::optional<DeviceNode> node = only_vm(tree);
    if (!node) {
        say(why, "the description's root must have one node, vm@N");
        return TeeResult::BadParameters;
    }
    unsigned properties = 0;
    node->for_each_property([&properties](std::string_view) { ++properties; });
    if (properties > contract::manager::most_properties) {
        say(why, "the description has too many properties");
        return TeeResult::BadParameters;
    }
    const auto problems = memory::make<machine::Problems>(); // too large for a stack
    if (!problems) {
        say(why, "not enough free memory");
        return TeeResult::OutOfMemory;
    }
    const ImagesToCome images;
    machine::VmParser parser(*node, hardware_, images, **problems);
    const auto description = parser.parse();
    if (!description) {
        say(why, parser.refused().reason());
        return TeeResult::BadParameters;
    }
    if (!(*problems)->empty()) { // a VM that is not quite as described would be a surprise later
        say(why, "the description has a property that this hypervisor does not know");
        return TeeResult::BadParameters;
    }
    if (description->devices == machine::DeviceSet::All) {
        say(why, "a host must be described at boot");
        return TeeResult::BadParameters;
    }
    // OP-TEE would get frames that are the host's.
    if (description->io == machine::Io::Whole &&
        (!option::virtio || description->tee || description->memory_size > contract::virtio::largest_whole)) {
        say(why, "io = \"whole\" is for VMs with devices, without an OP-TEE, and with at most 4 GiB of memory");
        return TeeResult::BadParameters;
    }
    if (std::max(description->kernel.size, description->ramdisk ? description->ramdisk->size : 0) >
        description->memory_size) {
        say(why, "its kernel or ramdisk is larger than its memory");
        return TeeResult::BadParameters;
    }
    auto copied = machine::VmConfig::copy_of(*description);
    if (!copied) {
        say(why, "not enough free memory");
        return TeeResult::OutOfMemory;
    }
    config = std::move(*copied);
    return TeeResult::Success;
}

TeeResult HostVms::take_in(Unique<machine::VmConfig> config, Made& made, Parameter& why) {
    auto number = manager_.lease_number();
    if (!number) {
        say(why, "there are as many VMs as there can be");
        return TeeResult::OutOfMemory;
    }
    made.number = number->number();
    auto belongings = make_belongings(config->description(), made.number);
    if (!belongings) {
        say(why, "not enough free memory");
        return TeeResult::OutOfMemory;
    }
    const auto added = manager_.add(std::move(config), std::move(*number), std::move(*belongings));
    if (!added) {
        say(why, "another VM has this name");
        return result_of(added.error());
    }
    made.handle = *added;
    return TeeResult::Success;
}

Result<Unique<vm::Belongings>> HostVms::make_belongings(const machine::VmDescription& vm, unsigned number) {
    vm::LoadedImage kernel = TRY(vm::LoadedImage::create(vm.kernel.size));
    vm::LoadedImage ramdisk = TRY(vm::LoadedImage::create(vm.ramdisk ? vm.ramdisk->size : 0));
    auto belongings = TRY(memory::make<vm::Belongings>(std::move(kernel), std::move(ramdisk)));
    belongings->console = TRY(make_line(contract::console_channel(number), listener_));
    belongings->agent = TRY(make_line(contract::agent_channel(number), listener_));
    if constexpr (option::virtio) {
        belongings->io = TRY(memory::make<vm::IoDevices>(backend_, number, vm.io));
        TRY(belongings->io->bank.create(vm.io == machine::Io::Whole ? vm.memory_size : 0));
    }
    if (option::firmware && vm.firmware_size != 0) {
        TRY(make_variables(belongings->variables, manager_.resources().memory.pool, memory::vm_owner(number)));
    }
    return belongings;
}

TeeResult HostVms::load(const Parameter& what, const CallerMemory& bytes) {
    constexpr u64 images = static_cast<u64>(contract::manager::Image::Ramdisk) + 1;
    if (what.b >= images || bytes.size() > contract::manager::largest_piece) {
        return TeeResult::BadParameters;
    }
    TeeResult result = TeeResult::Success;
    const Result<void> used =
        manager_.while_off(vm::VmHandle(what.a), [&](vm::Belongings& belongings, memory::FrameOwner owner) {
            vm::LoadedImage& image = belongings.images[arch::nospec_index(what.b, images)];
            if (what.c != image.loaded()) {
                result = TeeResult::BadState;
            } else if (const Result<void> appended = append(image, owner, bytes); !appended) {
                result = result_of(appended.error());
            }
        });
    return used ? result : result_of(used);
}

Result<void> HostVms::append(vm::LoadedImage& image, memory::FrameOwner owner, const CallerMemory& bytes) {
    if (bytes.size() > image.size() - image.loaded()) {
        return fail(Error::OutOfRange);
    }
    TRY(image.make_room(manager_.resources().memory.pool, owner, bytes.size())); // for all of it, or nothing is loaded
    for (u64 done = 0; done < bytes.size();) {
        const std::span<u8> room = image.next_room();
        const u64 part = std::min<u64>(room.size(), bytes.size() - done);
        bytes.read(done, room.first(part));
        image.add(part);
        done += part;
    }
    return {};
}

TeeResult HostVms::start(vm::VmHandle handle, Parameter& why) {
    const auto started = manager_.start(handle);
    if (started) {
        return TeeResult::Success;
    }
    say(why, started.error().why);
    return result_of(started.error().error);
}

TeeResult HostVms::forget(const CallerMemory& name) {
    std::array<char, contract::max_label> text;
    if (name.size() > text.size()) {
        return TeeResult::ItemNotFound;
    }
    name.read(0, {reinterpret_cast<u8*>(text.data()), name.size()});
    const Result<void> forgotten = manager_.forget({text.data(), name.size()}, vm::Manager::Whose::Host);
    return result_of(forgotten);
}

} // namespace trv::management
