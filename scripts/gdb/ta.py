# SPDX-License-Identifier: Apache-2.0
"""gdb's half of `trivisor ta debug`: finds a trusted application in OP-TEE, loads its symbols, and breaks in it.

The command starts gdb with this script, and with its settings in the environment (tool/ta/debug/gdb.cpp). QEMU's stub
compares the addresses of breakpoints with every CPU's program counter, whatever world, exception level and VM that is in.
So the script breaks in OP-TEE's core first, where a session of the application in the VM is about to be opened. It reads
the load address there, and the address-space identifier, by which breakpoints then know the application in the VM.

Breakpoints in the application get the condition $trv_in_ta(). docs/guide/trusted-applications.md explains their use.
"""

import json
import os
import socket
import threading

import gdb

SETTINGS = json.loads(os.environ["TRIVISOR_TA_DEBUG"])
ENTRY = "TA_InvokeCommandEntryPoint"
IN_TA = "$trv_in_ta()"
EL0, EL1 = 0, 1


def register(name):
    return int(gdb.newest_frame().read_register(name))


def secure_level():
    """The exception level that the current CPU is in; None in the normal world."""
    return None if register("SCR_EL3") & 1 else register("cpsr") >> 2 & 3


# OP-TEE's structures, which only its core can read.


def guest():
    """The number of the VM for which the current CPU is in OP-TEE."""
    partition = gdb.parse_and_eval("current_partition")[gdb.selected_thread().ptid[1] - 1]
    return int(partition["id"]) if int(partition) else 0


def uuid_text(uuid):
    clock = "".join(f"{int(uuid['clockSeqAndNode'][index]):02x}" for index in range(8))
    first = f"{int(uuid['timeLow']):08x}-{int(uuid['timeMid']):04x}-{int(uuid['timeHiAndVersion']):04x}"
    return f"{first}-{clock[:4]}-{clock[4:]}"


class Instance:
    """A trusted application that is loaded, as the session in x0 has it."""

    def __init__(self):
        session = gdb.Value(register("x0")).cast(gdb.lookup_type("struct ts_session").pointer())
        context = session["ctx"]
        whole = gdb.lookup_type("struct user_ta_ctx").pointer()
        inside = int(gdb.Value(0).cast(whole)["ta_ctx"]["ts_ctx"].address)
        user = gdb.Value(int(context) - inside).cast(whole)["uctx"]
        self.uuid = uuid_text(context["uuid"])
        self.address = int(user["load_addr"])
        self.loader_entry = int(user["dl_entry_func"])
        self.space = int(user["vm_info"]["asid"]) | 1  # in user mode [thread_a64.S, eret_to_el0]

    def is_ours(self):
        return self.uuid == SETTINGS["uuid"] and guest() == SETTINGS["guest"]


class Application:
    """The application in the VM: where it is, and in which address spaces."""

    def __init__(self):
        self.spaces = set()
        self.address = None
        self.found = None
        self.files = []
        self.reached = False

    def runs_here(self):
        return secure_level() == EL0 and register("TTBR0_EL1") >> 48 in self.spaces

    def meet(self, instance):
        """Returns whether its symbols have to be loaded."""
        if not instance.is_ours():
            self.spaces.discard(instance.space)  # the identifier has another owner now
            return False
        self.spaces.add(instance.space)
        self.found = instance
        return instance.address != self.address

    def load(self):
        """Loads the symbols of the instance that was met last. gdb moves the breakpoints."""
        for file in self.files:
            quietly(f"remove-symbol-file {file}")
        self.address = self.found.address
        self.files = [SETTINGS["ta"]]
        add_symbols(SETTINGS["ta"], self.address)
        if os.path.exists(SETTINGS["loader"]):
            self.files.append(SETTINGS["loader"])
            add_symbols(SETTINGS["loader"], self.found.loader_entry - offset_of("dl_entry", SETTINGS["loader"]))
        print(f"{self.found.uuid} is loaded at {self.address:#x}")


APPLICATION = Application()


def quietly(command):
    return gdb.execute(command, to_string=True)


def add_symbols(file, address):
    quietly(f"add-symbol-file {file} -o {address:#x}")


def offset_of(name, file):
    add_symbols(file, 0)
    offset = int(gdb.parse_and_eval(f"(long)&{name}"))
    quietly(f"remove-symbol-file {file}")
    return offset


class InTa(gdb.Function):
    """Whether the current CPU is in the trusted application, in the VM."""

    def __init__(self):
        super().__init__(IN_TA[1:-2])

    def invoke(self):
        return APPLICATION.runs_here()


class Opening(gdb.Breakpoint):
    """Stops where OP-TEE is about to open a session of the application, if it has just been loaded."""

    def __init__(self):
        super().__init__("*user_ta_enter_open_session", type=gdb.BP_HARDWARE_BREAKPOINT, internal=True)
        self.silent = True

    def stop(self):
        return secure_level() == EL1 and APPLICATION.meet(Instance())


# The client, which the command runs.

CLIENT = {"ended": False}


def interrupt():
    thread = gdb.selected_thread()
    if thread is not None and thread.is_running():
        gdb.execute("interrupt")


def on_client_end():
    CLIENT["ended"] = True
    gdb.events.cont.connect(lambda event: gdb.post_event(interrupt))  # nothing is left to wait for
    interrupt()


def follow_client(channel):
    channel.recv(1)
    gdb.post_event(on_client_end)


# What gdb reports.


def on_stop(event):
    if isinstance(event, gdb.BreakpointEvent) and APPLICATION.runs_here():
        APPLICATION.reached = True


def on_breakpoint(breakpoint):
    """Limits a breakpoint in the application to the VM."""
    if breakpoint.type not in (gdb.BP_BREAKPOINT, gdb.BP_HARDWARE_BREAKPOINT) or breakpoint.condition is not None:
        return
    for location in breakpoint.locations:
        table = gdb.find_pc_line(location.address).symtab
        if table is not None and os.path.samefile(table.objfile.filename, SETTINGS["ta"]):
            breakpoint.condition = IN_TA
            return


def leave(code, reason=None):
    if reason is not None:
        gdb.write(f"ta debug: {reason}\n", gdb.STDERR)
    try:
        quietly("detach")
    except gdb.error:
        pass  # the machine has ended
    gdb.execute(f"quit {code}")


def connect():
    for setting in ("confirm off", "pagination off", "breakpoint pending on"):
        quietly(f"set {setting}")
    quietly(f"symbol-file {SETTINGS['core']}")
    quietly(f"directory {SETTINGS['source']}")
    quietly(f"target remote {SETTINGS['socket']}")


def wait_for_application():
    """Returns with the machine stopped where OP-TEE is about to enter the application for the first time."""
    opening = Opening()
    channel = socket.socket(fileno=SETTINGS["channel"])
    threading.Thread(target=follow_client, args=(channel,), daemon=True).start()
    channel.send(b"!")
    quietly("continue")
    if APPLICATION.found is None:
        leave(1, "the client ended before OP-TEE loaded the trusted application")
    APPLICATION.load()
    opening.commands = "silent\npython APPLICATION.load()\ncontinue"
    gdb.execute(f"hbreak {ENTRY} if {IN_TA}")
    gdb.events.breakpoint_created.connect(on_breakpoint)
    gdb.events.stop.connect(on_stop)


def main():
    try:
        connect()
        InTa()
        wait_for_application()
        if SETTINGS["batch"]:
            gdb.execute(f"source {SETTINGS['batch']}")
            if not APPLICATION.reached:
                leave(1, "the client ended before the trusted application reached a breakpoint")
            leave(0)
    except gdb.error as problem:
        leave(1, problem)


main()
