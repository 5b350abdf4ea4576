// SPDX-License-Identifier: Apache-2.0
#pragma once
// The root of all objects that boot makes, which is the only one: what needs a part of it gets it handed down. Only
// boot/ includes this.

#include "boot/cpus.hpp"
#include "boot/interrupts.hpp"
#include "console/console.hpp"
#include "drivers/uart.hpp"
#include "lib/device_tree/device_tree.hpp"
#include "lib/log.hpp"
#include "lib/unique.hpp"
#include "machine/description.hpp"
#include "machine/problems.hpp"
#include "management/host_service.hpp"
#include "memory/machine_memory.hpp"
#include "memory/translation/host_space.hpp"
#include "sync/random_generator.hpp"
#include "vm/host/host.hpp"
#include "vm/manager.hpp"
#include "vm/trace/tracing.hpp"

#include <cstddef>
#include <new>
#include <utility>

namespace trv::boot {

/// An object in static storage that boot code constructs: no constructor runs before, and no destructor ever.
template <typename T>
class Late {
  public:
    constexpr Late() = default;
    Late(const Late&) = delete;
    Late& operator=(const Late&) = delete;

    /// Constructs the object. Call it once.
    template <typename... Arguments>
    T& emplace(Arguments&&... arguments) {
        ASSERT(!constructed_);
        T* const object = new (storage_) T(std::forward<Arguments>(arguments)...);
        constructed_ = true;
        return *object;
    }

    [[nodiscard]] explicit operator bool() const { return constructed_; }
    // Precondition of both: it is constructed.
    T& operator*() { return *object(); }
    T* operator->() { return object(); }

  private:
    T* object() { return std::launder(reinterpret_cast<T*>(storage_)); }

    alignas(T) std::byte storage_[sizeof(T)]{};
    bool constructed_ = false;
};

/// In the order in which boot code makes them, or starts those that are nothing but zeros before: each depends only on
/// what is above it.
struct System {
    Late<Cpus> cpus;
    Late<DeviceTree> tree;
    Late<machine::Machine> machine; ///< as the device tree describes it
    machine::Problems problems;     ///< with the tree
    Late<vm::Host> host;            ///< if a VM is described as such
    memory::MachineMemory memory;
    Late<memory::HostSpace> space;
    Unique<drivers::Uart> uart; ///< if the machine has a console
    Late<console::Console> console;
    Late<Interrupts> interrupts;
    RandomGenerator seeds; ///< of guests
    vm::Mediator mediator;
    Late<vm::Tracing> tracing; ///< not in images without it
    Late<vm::Manager> manager;
    Late<management::HostService> host_service; ///< not in images without it
};

/// All zeros at first, so that it takes no room in the image. Named only by what the hardware or the language calls
/// without a context: a CPU's start, a fault, `new` and `delete`.
extern constinit System the_system;

/// Prints a line that explains why the machine stops, wherever panics are printed. A panic follows.
void last_words(std::string_view line);

} // namespace trv::boot
