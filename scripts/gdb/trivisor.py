# SPDX-License-Identifier: Apache-2.0
"""gdb helpers for the hypervisor: pretty-printers, and commands that list VMs, vCPUs and calls to OP-TEE.

    (gdb) source scripts/gdb/trivisor.py
    (gdb) trv-vms        VMs: state, memory, vCPUs that are powered on
    (gdb) trv-vcpus      vCPUs: state, home CPU, where each guest stands
    (gdb) trv-slots      calls to OP-TEE: state, stage, what OP-TEE does for it
    (gdb) trv-cpus       physical CPUs: current and loaded vCPU

They read memory only, and work whenever the machine is stopped. docs/guide/debugging.md shows how to connect.
"""

import re

import gdb

ROOT = "'trv::boot::the_system'"


# Reading the standard library's types without its own printers, which a cross debugger may not have.


def elements(array):
    """The elements of a std::array or of a C array."""
    if array.type.strip_typedefs().code != gdb.TYPE_CODE_ARRAY:
        array = array["_M_elems"]
    low, high = array.type.strip_typedefs().range()
    return [array[index] for index in range(low, high + 1)]


def pointee(unique):
    """What a Unique<T> (std::unique_ptr) owns, or None."""
    pointer = unique
    while pointer.type.strip_typedefs().code != gdb.TYPE_CODE_PTR:
        fields = [field for field in pointer.type.strip_typedefs().fields() if field.name or field.is_base_class]
        pointer = pointer[next(field for field in fields if field.type.sizeof == pointer.type.sizeof)]
    return pointer.dereference() if int(pointer) else None


def atomic(value):
    """The value in a std::atomic."""
    for field in value.type.strip_typedefs().fields():
        if field.name in ("_M_i", "_M_p"):
            return value[field]
        if field.name == "_M_base" or field.is_base_class:
            return atomic(value[field])
    raise gdb.GdbError(f"{value.type} is not an atomic of libstdc++")


def text(view):
    """A std::string_view."""
    return view["_M_str"].string(length=int(view["_M_len"])) if int(view["_M_str"]) else ""


def name_of(enumerator):
    return str(enumerator).rsplit("::", 1)[-1]


def size(count):
    for unit in ("B", "KiB", "MiB"):
        if count < 1024 or count % 1024:
            return f"{count} {unit}"
        count //= 1024
    return f"{count} GiB"


# Walking from the one root, boot's System.


def made(late):
    """The object in a Late<T>."""
    if not bool(late["constructed_"]):
        raise gdb.GdbError("the hypervisor has not come so far yet")
    return late["storage_"].address.cast(late.type.strip_typedefs().template_argument(0).pointer()).dereference()


def system():
    try:
        return gdb.parse_and_eval(ROOT)
    except gdb.MemoryError as problem:
        raise gdb.GdbError(f"{problem}: is the machine connected and stopped? See docs/guide/debugging.md") from problem
    except gdb.error as problem:
        raise gdb.GdbError(f"{problem}: load trivisor.elf with symbol-file and -o 0x60000000 first") from problem


def manager():
    return made(system()["manager"])


def vms():
    for index, slot in enumerate(elements(manager()["slots_"])):
        vm = pointee(slot["vm"])
        if vm is not None:
            yield index, vm


def vcpus(vm):
    for unique in elements(vm["vcpus_"]):
        vcpu = pointee(unique)
        if vcpu is not None:
            yield vcpu


def label(vm):
    return text(vm["description_"]["label"])


def vcpu_name(pointer):
    if int(pointer) == 0:
        return "-"
    vcpu = pointer.dereference()
    return f"{label(vcpu['vm_'].referenced_value())} vCPU {int(vcpu['index_'])}"


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


class Command(gdb.Command):
    """Registers a command by its class's name_ and reports what it cannot read."""

    def __init__(self):
        super().__init__(self.name_, gdb.COMMAND_DATA)

    def invoke(self, arguments, from_tty):
        if arguments:
            raise gdb.GdbError(f"{self.name_} takes no arguments")
        try:
            rows = list(self.rows())
        except gdb.error as problem:
            raise gdb.GdbError(f"{self.name_}: {problem}") from problem
        if len(rows) > 1:
            table(rows)
        else:
            print("none")


class Vms(Command):
    """Lists the VMs: index, name, state, memory, a mask of the vCPUs that are powered on."""

    name_ = "trv-vms"

    def rows(self):
        yield "#", "VM", "state", "paused", "memory", "vCPUs on", "address"
        for index, vm in vms():
            yield (str(index), label(vm), name_of(atomic(vm["state_"])), str(bool(atomic(vm["clock_"]["paused_"]))).lower(),
                   size(int(vm["description_"]["memory_size"])), f"{int(atomic(vm['on_mask_'])):#x}",
                   f"{int(vm.address):#x}")


class Vcpus(Command):
    """Lists the vCPUs: state, home CPU, and the PC at the guest's last exit."""

    name_ = "trv-vcpus"

    def rows(self):
        yield "vCPU", "state", "CPU", "pc at the last exit", "address"
        for _, vm in vms():
            for vcpu in vcpus(vm):
                home = vcpu["home_"].referenced_value()
                yield (vcpu_name(vcpu.address), name_of(atomic(vcpu["state_"])), str(int(home["index"])),
                       f"{int(vcpu['context_']['registers']['pc']):#x}", f"{int(vcpu.address):#x}")


class Slots(Command):
    """Lists the call slots of all VMs with an OP-TEE: state, generation of the token, stage, OP-TEE's work and thread."""

    name_ = "trv-slots"

    def rows(self):
        yield "VM", "slot", "state", "generation", "stage", "work", "thread", "suspended", "guest"
        states = None
        for _, vm in vms():
            service = pointee(elements(vm["services_"]["shares_"])[0])
            if service is None:
                continue
            partition = service.address.cast(gdb.lookup_type("trv::tee::optee::Partition").pointer()).dereference()
            states = states or gdb.lookup_type("trv::tee::optee::SlotState")
            slots = partition["calls_"]["slots_"]
            for index, slot in enumerate(elements(slots["slots_"])[:int(slots["count_"])]):
                word = int(atomic(slot["word"]["word_"]))
                yield (label(vm), str(index), name_of(gdb.Value(word & 0xff).cast(states)), str(word >> 8), *self.call(slot["call"]))

    @staticmethod
    def call(slot):
        payload = slot["_M_payload"]
        if not bool(payload["_M_engaged"]):
            return "-", "-", "-", "-", "-"
        call = payload["_M_payload"]["_M_value"]
        thread = call["thread"]
        return (name_of(call["stage_"]), name_of(thread["work_"]), str(int(thread["number_"])),
                str(bool(thread["suspended_"])).lower(), str(not bool(call["peer"]["gone_"])).lower())


class Cpus(Command):
    """Lists the physical CPUs that are online: current vCPU, the vCPU whose registers are loaded, the attention flag."""

    name_ = "trv-cpus"

    def rows(self):
        yield "CPU", "current", "loaded", "attention"
        for cpu in elements(made(system()["cpus"])["cpus_"]):
            scheduler = cpu["scheduler"]
            if atomic(cpu["online"]):
                yield (str(int(cpu["index"])), vcpu_name(scheduler["current_"]), vcpu_name(scheduler["loaded_"]["vcpu_"]),
                       str(bool(atomic(cpu["attention"]))).lower())


# Printers.


class AddressPrinter:
    """Pa, Ipa and Va: the kind and the address in hexadecimal."""

    kinds = {"PhysicalKind": "Pa", "GuestPhysicalKind": "Ipa", "HypervisorVirtualKind": "Va"}

    def __init__(self, value):
        self.value = value

    def to_string(self):
        kind = re.search(r"::(\w+)>$", str(self.value.type.strip_typedefs().unqualified()))
        return f"{self.kinds.get(kind.group(1), kind.group(1)) if kind else 'Address'} {int(self.value['value']):#x}"


class RangePrinter:
    """A range of addresses: base and size."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        return f"{AddressPrinter(self.value['base']).to_string()} + {size(int(self.value['size']))}"


class NumberPrinter:
    """IntId."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        number = int(self.value["value"])
        kind = "SGI" if number < 16 else "PPI" if number < 32 else "SPI" if number < 1020 else "special"
        return f"INTID {number} ({kind})"


class SlotWordPrinter:
    """A call slot's state and the generation of its token."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        word = int(atomic(self.value["word_"]))
        return f"{name_of(gdb.Value(word & 0xff).cast(gdb.lookup_type('trv::tee::optee::SlotState')))}, generation {word >> 8}"


PRINTERS = (
    (re.compile(r"^trv::Address<.*>$"), AddressPrinter),
    (re.compile(r"^trv::Range<.*>$"), RangePrinter),
    (re.compile(r"^trv::IntId$"), NumberPrinter),
    (re.compile(r"^trv::tee::SlotWord$"), SlotWordPrinter),
)


def find_printer(value):
    kind = value.type.strip_typedefs().unqualified()
    for pattern, printer in PRINTERS:
        if kind.name and pattern.match(kind.name):
            return printer(value)
    return None


find_printer.__name__ = "trivisor"
gdb.pretty_printers[:] = [known for known in gdb.pretty_printers if getattr(known, "__name__", "") != "trivisor"]
gdb.pretty_printers.append(find_printer)

for command in (Vms, Vcpus, Slots, Cpus):
    command()
