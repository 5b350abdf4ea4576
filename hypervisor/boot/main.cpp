// SPDX-License-Identifier: Apache-2.0
// From the boot loader to the first guest. The order matters; docs/internals/start-up.md explains it.

#include "arch/clock.hpp"
#include "arch/cpu_control.hpp"
#include "arch/entry.hpp"
#include "arch/offsets.h"
#include "boot/cpus.hpp"
#include "boot/early_map.hpp"
#include "boot/fault.hpp"
#include "boot/image_layout.hpp"
#include "boot/interrupts.hpp"
#include "boot/ram.hpp"
#include "console/console.hpp"
#include "drivers/pl031.hpp"
#include "drivers/uart.hpp"
#include "generated/option/monitor.hpp"
#include "generated/option/optee.hpp"
#include "generated/option/trace.hpp"
#include "generated/options.hpp"
#include "generated/version.hpp"
#include "lib/late.hpp"
#include "lib/log.hpp"
#include "lib/wipe.hpp"
#include "machine/parse.hpp"
#include "management/monitor_commands.hpp"
#include "memory/direct_map.hpp"
#include "memory/machine_memory.hpp"
#include "memory/ram_map.hpp"
#include "trap/traced_exit.hpp"
#include "vm/manager.hpp"
#include "vm/speculation.hpp"
#include "vm/tracing.hpp"

#include <span>

namespace trv::boot {
namespace {

constinit Late<machine::Machine>
    the_description; // constructed at run time, because its non-zero defaults would take space in the image
constinit machine::Problems problems{};
constinit Late<memory::HostSpace> host_space;
constinit drivers::Uart* uart = nullptr; ///< if the machine has a console
constinit Late<vm::Manager> manager;

/// The boot loader's tree is foreign, but it says itself how long it is, and the early map reaches that far, up to a
/// limit.
Result<DeviceTree> open_tree(const u8* tree) {
    const std::size_t size =
        TRY(DeviceTree::total_size(std::span<const u8, DeviceTree::header_size>(tree, DeviceTree::header_size)));
    if (size > EARLY_TREE_LIMIT) {
        return fail(Error::OutOfRange);
    }
    return DeviceTree::open({tree, size});
}

[[noreturn]] void refuse_to_start(std::string_view reason) {
    problems.for_each([](std::string_view line) { last_words(line); });
    panic(reason);
}

/// Starts the console: later log lines are printed immediately; earlier ones are in the log's early buffer until then.
Result<void> start_console() {
    if (!the_description->uart) {
        return {};
    }
    const machine::Uart& described = *the_description->uart;
    uart = &drivers::make_uart(described.compatible, TRY(host_space->map_device(described.registers)));
    uart->start();
    const bool framed = the_description->console == machine::ConsoleMode::Framed;
    console::start(*uart, framed ? console::Mode::Framed : console::Mode::Plain);
    console_is_up();
    return {};
}

Result<void> start_memory(PaRange tree) {
    const arch::TranslationLimits limits = machine_limits();
    const RamPlan plan = plan_ram(*the_description, image_range(), tree);
    EarlyMap early_map = current_early_map();
    for (const PaRange& bank : the_description->ram) {
        TRY(memory::for_each_gap(bank, plan.no_map(), [&early_map](PaRange gap) {
            return early_map.add(gap) ? Result<void>() : fail(Error::OutOfRange);
        }));
    }
    TRY(memory::start_memory(plan.map(), limits));
    host_space.emplace(
        TRY(memory::HostSpace::create(memory::frame_pool(), plan.map().banks, plan.no_map(), image_layout(), limits)));
    install_tables(host_space->ttbr0(), host_space->tcr(), memory::HostSpace::mair());
    return {};
}

/// A secret of EL2's own out of the machine's seed, from which nothing follows about those that guests get.
u64 draw_stack_guard() {
    if (!the_description->seed) {
        return 0;
    }
    static constexpr u8 purpose[] = {'s', 't', 'a', 'c', 'k', ' ', 'g', 'u', 'a', 'r', 'd'};
    RandomGenerator random;
    random.seed(the_description->seed->rng);
    random.seed(purpose);
    return random.draw<u64>().value_or(0);
}

/// Moves the machine's seed to the generator of guests' seeds. Left in the tree, it would reveal all of them.
void take_seed(RandomGenerator& random) {
    if (!the_description->seed) {
        log("VMs get no random seeds: the device tree has no /chosen/rng-seed");
        return;
    }
    for (const std::span<const u8> part : {the_description->seed->rng, the_description->seed->kaslr}) {
        random.seed(part);
        wipe({memory::direct_map(memory::physical_address(part.data())), part.size()});
    }
    the_description->seed.reset();
}

/// VMs' clocks go from the machine's on. Without one they begin in 1970.
void read_date() {
    if (!the_description->rtc) {
        log("VMs do not learn the date: the device tree has no arm,pl031");
        return;
    }
    const Result<Va> registers = host_space->map_device(the_description->rtc->registers);
    if (!registers) {
        log_always("VMs do not learn the date: the clock's registers cannot be mapped: {}", registers.error());
        return;
    }
    manager->set_wall_clock(WallClock(drivers::read_pl031(*registers), arch::ticks(), arch::tick_hz()));
}

void start_notifications(vm::Mediator& mediator) {
    const Result<void> started = start_tee_interrupt(IntId(*the_description->optee->notification_intid), mediator);
    if (!started) {
        log_always("OP-TEE's notifications do not arrive: {}", started.error());
    }
}

/// Starts the mediator. Without a virtualized OP-TEE the machine continues; VMs that want one run without.
void start_tee() {
    if constexpr (!option::optee) {
        return;
    }
    if (!the_description->optee || !the_description->optee->smc || !the_description->optee->shared_memory) {
        log_always("the device tree has no OP-TEE, or none with reserved shared memory");
        return;
    }
    vm::Mediator& mediator = manager->mediator();
    const Result<void> started = mediator.start(*the_description->optee->shared_memory);
    if (!started) {
        log_always("OP-TEE cannot be shared: {}", started.error());
        return;
    }
    if (mediator.has_notifications() && the_description->optee->notification_intid) {
        start_notifications(mediator);
    }
}

void start_trace() {
    if constexpr (option::trace) {
        vm::Tracing& tracing = vm::tracing(); // constructs it
        if (the_description->trace_bytes) {
            const Result<void> started =
                tracing.start(manager->cpus(), *the_description->trace_bytes, trap::traced_exit);
            if (!started) {
                log_always("tracing is off: {}", started.error());
            }
        }
    } else if (the_description->trace_bytes) {
        log_always("tracing is off: this image was built without it");
    }
}

Result<void> add_vm(const machine::VmDescription& vm) {
    return manager->add(TRY(machine::VmConfig::copy_of(vm)), vm::Manager::Number::Described);
}

/// All descriptions first: VMs share what their number decides.
void create_vms() {
    for (const machine::RefusedVm& refused : the_description->refused) {
        manager->refuse(refused.label, refused.reason());
    }
    for (const machine::VmDescription& vm : the_description->vms) {
        if (const Result<void> added = add_vm(vm); !added) {
            manager->refuse(vm.label, name_of(added.error()));
        }
    }
    for (const machine::VmDescription& vm : the_description->vms) {
        (void)manager->start(vm.label); // it reports a failure itself
    }
    manager->all_created();
}

/// On the boot CPU's own stack.
[[noreturn]] void start_machine() {
    if (!start_interrupts(*the_description, *host_space)) {
        refuse_to_start("the interrupt controller cannot be used");
    }
    sched::PerCpu& cpu = sched::this_cpu();
    if (!start_this_cpu(cpu)) {
        refuse_to_start("the boot CPU has no redistributor, or no 4 KiB pages in both stages");
    }
    if (uart != nullptr) {
        uart->enable_receive_interrupt();
    }
    const unsigned online = start_other_cpus(*the_description, *host_space);
    vm::log_measures(std::span(per_cpu).first(online));
    sched::serve_guests_output();
    manager.emplace(std::span(per_cpu));
    manager->configure(online, machine_limits(), virtual_timer_interrupt());
    management::add_power_off_command(*manager);
    if constexpr (option::monitor) {
        management::add_monitor_commands(*manager);
    }
    take_seed(manager->random());
    read_date();
    start_trace();
    start_tee();

    u64 ram_bytes = 0;
    for (const PaRange& bank : the_description->ram) {
        ram_bytes += bank.size;
    }
    log("{} CPUs, {} MiB of RAM, {} VMs described", online, ram_bytes / MiB,
        the_description->vms.size() + the_description->refused.size());
    if (!the_description->configured) {
        log_always("no VMs are described: the device tree has no /chosen/trivisor node");
    }
    console::events().machine_ready(online, ram_bytes, image_file_size(), version, option::all);
    create_vms();
    cpu.scheduler.run();
    enter_guest();
}

} // namespace

/// From boot/start.S: on the boot stack, in the early map.
extern "C" [[noreturn]] void trivisor_boot(const u8* tree_address, u64, u64 entry_ticks) {
    arch::entry_ticks = entry_ticks;
    prepare_boot_cpu();
    log("Trivisor {}, image at {}", version, image_range().base);
    log("options: {}", option::all);
    const Result<DeviceTree> tree = open_tree(tree_address);
    if (!tree) {
        panic("the device tree is damaged");
    }
    const Result<void> parsed = machine::parse(*tree, drivers::uart_compatibles(), the_description.emplace(), problems);
    if (!parsed) {
        refuse_to_start("the device tree does not describe a usable machine");
    }
    if (!start_memory({Pa(reinterpret_cast<u64>(tree_address)), tree->blob().size()})) {
        refuse_to_start("cannot set up memory");
    }
    if (!start_console()) {
        panic("cannot map the UART");
    }
    problems.for_each([](std::string_view line) { log_always("device tree: {}", line); });
    const Result<Va> stack = allocate_cpu_stack(*host_space);
    if (!stack) {
        panic("no memory for a stack");
    }
    mix_into_stack_guard(draw_stack_guard());
    continue_on_stack(*stack, start_machine);
}

} // namespace trv::boot
