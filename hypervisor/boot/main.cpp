// SPDX-License-Identifier: Apache-2.0
// From the boot loader to the first guest. The order matters; docs/internals/start-up.md explains it.

#include "arch/cpu/clock.hpp"
#include "arch/cpu/cpu_control.hpp"
#include "arch/entry.hpp"
#include "arch/offsets.h"
#include "boot/early_map.hpp"
#include "boot/image_layout.hpp"
#include "boot/ram.hpp"
#include "boot/system.hpp"
#include "drivers/pl031.hpp"
#include "generated/option/host.hpp"
#include "generated/option/manager.hpp"
#include "generated/option/monitor.hpp"
#include "generated/option/optee.hpp"
#include "generated/option/trace.hpp"
#include "generated/options.hpp"
#include "generated/version.hpp"
#include "lib/log.hpp"
#include "lib/wipe.hpp"
#include "machine/bundle.hpp"
#include "machine/images.hpp"
#include "machine/parse.hpp"
#include "management/monitor_commands.hpp"
#include "memory/physical/direct_map.hpp"
#include "memory/physical/ram_map.hpp"
#include "sched/speculation.hpp"
#include "trap/traced_exit.hpp"

#include <span>

namespace trv::boot {

[[clang::no_destroy]] constinit System the_system;

namespace {

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

[[noreturn]] void refuse_to_start(const System& system, std::string_view reason) {
    system.problems.for_each([](std::string_view line) { last_words(line); });
    panic(reason);
}

/// A boot loader that knows nothing of VMs may have their descriptions and images in its initial RAM disk.
void read_bundle(System& system) {
    machine::Machine& machine = *system.machine;
    if (machine.configured || !machine.initrd || !machine::is_usable_ram(machine, *machine.initrd)) {
        return;
    }
    const PaRange initrd = *machine.initrd;
    EarlyMap early_map = current_early_map();
    if (!early_map.add(initrd)) {
        system.problems.add("the boot loader's initial RAM disk at {} is out of reach", initrd.base);
        return;
    }
    machine::parse_bundle({reinterpret_cast<u8*>(initrd.base.value), initrd.size}, initrd.base, machine,
                          system.problems);
}

/// Starts the console: later log lines are printed immediately; earlier ones are in the log's early buffer until then.
Result<void> start_console(System& system) {
    console::Console& console = system.console.emplace();
    if (!system.machine->uart) {
        return {};
    }
    const machine::Uart& described = *system.machine->uart;
    TRY(system.memory.devices.reserve(described.registers));
    const Va registers = TRY(system.space->map_device(described.registers));
    system.uart = TRY(drivers::make_uart(described.compatible, registers));
    system.uart->start();
    const bool framed = system.machine->console == machine::ConsoleMode::Framed;
    console.start(*system.uart, framed ? console::Mode::Framed : console::Mode::Plain);
    return {};
}

/// @return null without a host
vm::Host* plan_host(System& system) {
    if constexpr (option::host) {
        for (machine::VmDescription& vm : system.machine->vms) {
            if (vm.devices == machine::DeviceSet::All) {
                vm::Host& host = system.host.emplace(*system.tree, *system.machine, vm);
                host.plan();
                return &host;
            }
        }
    }
    return nullptr;
}

/// The host's memory first: it is to be contiguous.
RamPlan plan_all_ram(System& system, PaRange tree) {
    vm::Host* const host = plan_host(system);
    RamPlan plan = plan_ram(*system.machine, image_range(), tree, host);
    if constexpr (option::host) {
        if (host != nullptr) {
            host->choose_memory(plan.map());
            for (const PaRange& bank : host->memory()) {
                plan.give_to_host(bank, *host);
            }
        }
    }
    return plan;
}

Result<void> start_memory(System& system, PaRange tree) {
    const arch::TranslationLimits& limits = system.cpus->limits();
    const RamPlan plan = plan_all_ram(system, tree);
    EarlyMap early_map = current_early_map();
    for (const PaRange& bank : system.machine->ram) {
        TRY(memory::for_each_gap(bank, plan.no_map(), [&early_map](PaRange gap) {
            return early_map.add(gap) ? Result<void>() : fail(Error::OutOfRange);
        }));
    }
    TRY(system.memory.start(plan.map(), limits));
    const memory::HostSpace& space = system.space.emplace(
        TRY(memory::HostSpace::create(system.memory.pool, plan.map().banks, plan.no_map(), image_layout(), limits)));
    install_tables(space.ttbr0(), space.tcr(), memory::HostSpace::mair());
    return {};
}

/// A secret of EL2's own out of the machine's seed, from which nothing follows about those that guests get.
u64 draw_stack_guard(const machine::Machine& machine) {
    if (!machine.seed) {
        return 0;
    }
    static constexpr u8 purpose[] = {'s', 't', 'a', 'c', 'k', ' ', 'g', 'u', 'a', 'r', 'd'};
    RandomGenerator random;
    random.seed(machine.seed->rng);
    random.seed(purpose);
    return random.draw<u64>().value_or(0);
}

/// Moves the machine's seed to the generator of guests' seeds. Left in the tree, it would reveal all of them.
void take_seed(machine::Machine& machine, RandomGenerator& seeds) {
    if (!machine.seed) {
        log("VMs get no random seeds: the device tree has no /chosen/rng-seed");
        return;
    }
    for (const std::span<const u8> part : {machine.seed->rng, machine.seed->kaslr}) {
        seeds.seed(part);
        wipe({memory::direct_map(memory::physical_address(part.data())), part.size()});
    }
    machine.seed.reset();
}

/// VMs' clocks go from the machine's on. Without one they begin in 1970.
std::optional<WallClock> read_date(System& system) {
    if (!system.machine->rtc) {
        log("VMs do not learn the date: the device tree has no arm,pl031");
        return std::nullopt;
    }
    const Result<Va> registers = system.space->map_device(system.machine->rtc->registers);
    if (!registers) {
        log_always("VMs do not learn the date: the clock's registers cannot be mapped: {}", registers.error());
        return std::nullopt;
    }
    return WallClock(drivers::read_pl031(*registers), arch::ticks(), arch::tick_hz());
}

/// Starts the mediator. Without a virtualized OP-TEE the machine continues; VMs that want one run without.
void start_tee(System& system) {
    if constexpr (!option::optee) {
        return;
    }
    const std::optional<machine::Optee>& described = system.machine->optee;
    if (!described || !described->smc || !described->shared_memory) {
        log_always("the device tree has no OP-TEE, or none with reserved shared memory");
        return;
    }
    const Result<void> started =
        system.mediator.start(*described->shared_memory, system.memory.frames, vm::sharing_of(*system.machine));
    if (!started) {
        log_always("OP-TEE cannot be shared: {}", started.error());
        return;
    }
    if (system.mediator.has_notifications() && described->notification_intid) {
        const Result<void> routed =
            system.interrupts->start_tee(IntId(*described->notification_intid), system.mediator);
        if (!routed) {
            log_always("OP-TEE's notifications do not arrive: {}", routed.error());
        }
    }
}

/// @return null in images without it
vm::Tracing* make_tracing(System& system) {
    if constexpr (option::trace) {
        vm::Tracing& tracing = system.tracing.emplace(*system.console, system.cpus->online(), trap::traced_exit);
        if (system.machine->trace_bytes) {
            const Result<void> started = tracing.start(*system.machine->trace_bytes);
            if (!started) {
                log_always("tracing is off: {}", started.error());
            }
        }
        return &tracing;
    } else if (system.machine->trace_bytes) {
        log_always("tracing is off: this image was built without it");
    }
    return nullptr;
}

vm::Manager& make_manager(System& system) {
    vm::Manager& manager = system.manager.emplace(vm::Resources{
        .memory = system.memory,
        .console = *system.console,
        .cpus = system.cpus->online(),
        .limits = system.cpus->limits(),
        .virtual_timer = system.interrupts->virtual_timer(),
        .has_pmu = system.interrupts->has_pmu(),
        .guest_spis = system.interrupts->guest_spis(),
        .mediator = system.mediator,
        .seeds = system.seeds,
        .wall_clock = read_date(system),
        .host = system.host ? &*system.host : nullptr,
        .tracing = make_tracing(system),
    });
    management::add_power_off_command(manager);
    if constexpr (option::monitor) {
        management::add_monitor_commands(manager);
    }
    if constexpr (option::manager) {
        manager.offer_to_host(system.host_service.emplace(manager, *system.machine));
    }
    return manager;
}

Result<void> add_vm(vm::Manager& manager, const machine::VmDescription& vm) {
    return manager.add(TRY(machine::VmConfig::copy_of(vm)), vm::Manager::Number::Described);
}

/// All descriptions first: VMs share what their number decides.
void create_vms(vm::Manager& manager, const machine::Machine& machine) {
    for (const machine::RefusedVm& refused : machine.refused) {
        manager.refuse(refused.label, refused.reason());
    }
    for (const machine::VmDescription& vm : machine.vms) {
        if (const Result<void> added = add_vm(manager, vm); !added) {
            manager.refuse(vm.label, name_of(added.error()));
        }
    }
    for (const machine::VmDescription& vm : machine.vms) {
        (void)manager.start(vm.label); // it reports a failure itself
    }
    manager.all_created();
}

void start_cpus(System& system) {
    Cpus& cpus = *system.cpus;
    Interrupts& interrupts = system.interrupts.emplace();
    console::Multiplexer& console = system.console->multiplexer();
    if (!interrupts.start(*system.machine, *system.space, system.memory.devices, console)) {
        refuse_to_start(
            system, "the interrupt controller cannot be used, or is not the one that this image is for (option GICV2)");
    }
    if (!cpus.start_this_cpu(sched::this_cpu(), interrupts, console)) {
        refuse_to_start(system, "the boot CPU has no redistributor, or no 4 KiB pages in both stages");
    }
    if (system.uart) {
        system.uart->enable_receive_interrupt();
    }
    cpus.start_others(*system.machine, *system.space);
    sched::serve_guests_output(console);
    sched::log_measures(cpus.online());
}

void report_machine(System& system) {
    const machine::Machine& machine = *system.machine;
    const auto online = static_cast<unsigned>(system.cpus->online().size());
    u64 ram_bytes = 0;
    for (const PaRange& bank : machine.ram) {
        ram_bytes += bank.size;
    }
    log("{} CPUs, {} MiB of RAM, {} VMs described", online, ram_bytes / MiB,
        machine.vms.size() + machine.refused.size());
    if (!machine.configured) {
        log_always("no VMs are described: neither the device tree nor the initial RAM disk has /chosen/trivisor");
    }
    system.console->events().machine_ready(online, ram_bytes, image_file_size(), version, option::all);
}

void start_host(System& system) {
    if constexpr (option::host) {
        if (system.host) {
            system.host->describe_devices(system.interrupts->guest_spis().gic().interrupts());
            system.host->report();
        }
    }
}

/// On the boot CPU's own stack.
[[noreturn]] void start_machine() {
    System& system = the_system;
    start_cpus(system);
    take_seed(*system.machine, system.seeds);
    vm::Manager& manager = make_manager(system);
    start_tee(system);
    report_machine(system);
    start_host(system);
    create_vms(manager, *system.machine);
    sched::this_cpu().scheduler.run();
    enter_guest();
}

} // namespace

/// From boot/start.S: on the boot stack, in the early map.
extern "C" [[noreturn]] void trivisor_boot(const u8* tree_address, u64, u64 entry_ticks) {
    arch::entry_ticks = entry_ticks;
    System& system = the_system;
    system.cpus.emplace().prepare_boot_cpu();
    log("Trivisor {}, image at {}", version, image_range().base);
    log("options: {}", option::all);
    const Result<DeviceTree> opened = open_tree(tree_address);
    if (!opened) {
        panic("the device tree is damaged");
    }
    const DeviceTree& tree = system.tree.emplace(*opened);
    if (!machine::parse(tree, drivers::uart_compatibles(), system.machine.emplace(), system.problems)) {
        refuse_to_start(system, "the device tree does not describe a usable machine");
    }
    read_bundle(system);
    if (!start_memory(system, {Pa(reinterpret_cast<u64>(tree_address)), tree.blob().size()})) {
        refuse_to_start(system, "cannot set up memory");
    }
    if (!start_console(system)) {
        panic("cannot map the UART");
    }
    system.problems.for_each([](std::string_view line) { log_always("device tree: {}", line); });
    const Result<Va> stack = allocate_cpu_stack(*system.space);
    if (!stack) {
        panic("no memory for a stack");
    }
    mix_into_stack_guard(draw_stack_guard(*system.machine));
    continue_on_stack(*stack, start_machine);
}

} // namespace trv::boot
