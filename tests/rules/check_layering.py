#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the folders to their order: prints what breaks it, and fails.

Which folder may include which is written down here, and nowhere else; docs/internals/house.md has the picture of it, which
`check_layering.py ROOT --picture` prints.
"""

import pathlib
import re
import sys

# What each folder may include of the others: a whole folder, or single headers where no more is meant to be known. "contract"
# is everyone's, and "generated" has the options' headers.
HYPERVISOR = {
    "lib": {"generated"},
    "arch": {"lib", "generated"},
    "sync": {"lib", "arch"},
    "memory": {"lib", "arch", "sync"},
    "console": {"lib", "arch", "sync"},
    "machine": {"lib"},
    "trace": {"lib", "arch"},
    "drivers": {"lib", "arch", "sync", "console/wire/serial_port.hpp", "generated"},
    "irqchip": {"lib", "arch", "sync", "generated", "machine/description.hpp", "memory/translation/host_space.hpp"},
    "irq": {"lib", "sync", "irqchip"},
    "vdev": {"lib", "arch", "sync", "irqchip", "console/wire/byte_sink.hpp", "console/wire/channel.hpp", "console/host_line.hpp", "generated"},
    "tee": {"lib", "arch", "sync", "memory", "console/json_writer.hpp", "vdev/interrupt_line.hpp", "vdev/bindings.hpp",
            "generated"},
    "sched": {"lib", "arch", "sync", "irqchip", "console/wire/multiplexer.hpp", "irq", "trace", "generated"},
    "guest": {"lib", "arch", "memory", "machine", "vdev/bindings.hpp", "generated"},
    "vm": {"lib", "arch", "sync", "memory", "console", "irqchip", "irq", "machine", "trace", "vdev", "tee", "sched", "guest",
           "generated"},
    "trap": {"lib", "arch", "sync", "irqchip", "memory", "vdev", "tee", "trace", "sched", "vm", "generated"},
    "management": {"lib", "arch", "sync", "memory", "console", "machine", "trace", "tee", "vdev", "sched", "vm",
                   "generated"},
    "boot": {"lib", "arch", "sync", "memory", "console", "machine", "drivers", "irqchip", "irq", "vdev", "tee", "sched", "vm",
             "trap", "management", "generated"},
}

# What each wing of tool/ may include of the others. A folder inside a wing is a room of it, and has its namespace.
TOOL = {
    "support": {},  # its namespace is trv::tool: its words are everyone's
    "command_line": {"support"},
    "console": {"support"},
    "packages": {"support"},
    "run_folder": {"support"},
    "trace": {"support"},
    "tee": {"support", "console"},
    "firmware": {"support", "packages"},
    "platform": {"support", "packages", "firmware"},
    "machine": {"support", "packages", "firmware", "platform"},
    "devkit": {"support", "packages"},
    "tree": {"support", "machine", "platform"},
    "options": {"support", "machine"},
    "guest": {"support", "packages", "machine"},
    "setup": {"support", "packages", "firmware", "platform", "machine", "devkit", "options", "guest"},
    "qemu": {"support", "platform", "machine", "tree"},
    "control": {"support", "console", "machine", "tee", "run_folder"},
    "disk": {"support", "packages", "platform", "machine", "guest", "setup"},
    "run": {"support", "console", "packages", "firmware", "platform", "machine", "tee", "tree", "options", "guest", "setup", "disk",
            "qemu", "trace", "run_folder", "control"},
    "xtest": {"support", "console", "machine", "run"},
    "ta": {"support", "console", "packages", "firmware", "machine", "devkit", "setup", "tee", "run_folder", "run", "control"},
    "host": {"support", "packages", "machine", "guest", "setup", "run", "ta"},
    "demo": {"support", "machine", "setup", "run", "xtest", "ta"},
    "dev/testing": {"support", "console", "machine", "setup"},
    "dev/bench": {"support", "console", "packages", "platform", "machine", "tree", "guest", "setup", "qemu", "run_folder",
                  "control", "ta"},
    "commands": {"support", "command_line", "machine", "options", "setup", "control", "run", "xtest", "ta", "demo", "host",
                 "dev/bench", "dev/testing"},
}

# The same for the folders of host/, the programs of the host VM. They use what the tool's wings know of VMs and consoles.
HOST = {
    "manager": {"tool/support"},
    "vhost": {"tool/support"},
    "devices": {"manager", "vhost", "tool/support", "tool/machine", "tool/disk/boot_files.hpp"},
    "vms": {"manager", "tool/support", "tool/machine", "tool/guest", "tool/tree", "tool/disk/boot_files.hpp"},
    "consoles": {"manager", "tool/support", "tool/console"},
    "run": {"manager", "devices", "vms", "consoles", "tool/support", "tool/console", "tool/machine", "tool/run/session",
            "tool/run/report"},
    "serve": {"manager", "vhost", "devices", "vms", "consoles", "tool/support", "tool/machine"},
    "disks": {"devices", "tool/support", "tool/machine"},
    "commands": {"manager", "vhost", "devices", "vms", "consoles", "run", "serve", "disks", "tool/support", "tool/machine", "tool/command_line", "tool/console",
                 "tool/control/vm_tables.hpp"},
}

# The same for guests/. Bare guests share the hypervisor's portable pieces and the layouts of what they look at.
GUESTS = {
    "bare/lib": {"lib", "arch", "irqchip/gicv2/layout.hpp", "irqchip/gicv3/layout.hpp", "guest"},
    "bare/arm32": {"bare/hostile", "bare/lib", "lib", "guest", "tee"},
    "bare/checks": {"bare/lib", "lib", "arch", "irqchip/gicv2/layout.hpp", "irqchip/gicv3/layout.hpp", "guest"},
    "bare/crash": {"bare/lib", "lib"},
    "bare/hostile": {"bare/lib", "lib", "arch", "irqchip/gicv2/layout.hpp", "irqchip/gicv3/layout.hpp", "guest", "tee"},
    "bare/micro": {"bare/lib", "lib", "arch", "irqchip/gicv2/layout.hpp", "irqchip/gicv3/layout.hpp", "guest"},
    "bare/storm": {"bare/lib", "lib", "arch", "irqchip/gicv2/layout.hpp", "irqchip/gicv3/layout.hpp", "guest"},
    "bare/virtio": {"bare/lib", "lib"},
    "linux/agent": {},
}
# Of the standard library, the headers of contract/: nothing in them allocates.
FREESTANDING = {"algorithm", "array", "concepts", "cstddef", "cstdint", "expected", "optional", "span", "string_view", "utility"}
# The rooms of a folder that has some: what each may include of the others in the same folder.
ROOMS = {
    "tee": set(),  # the seam: what a secure service and a VM know of each other
    "tee/none": set(),
    "tee/optee": set(),  # what all its rooms use: limits, counters, names
    "tee/optee/abi": set(),
    "tee/optee/guest": {"tee", "tee/optee/abi"},
    "tee/optee/message": {"tee/optee", "tee/optee/abi", "tee/optee/guest"},
    "tee/optee/shared_memory": {"tee/optee", "tee/optee/guest", "tee/optee/message"},
    "tee/optee/model": {"tee", "tee/optee", "tee/optee/abi"},
    "tee/optee/tables": {"tee", "tee/optee", "tee/optee/guest", "tee/optee/model", "tee/optee/shared_memory"},
    "tee/optee/call": {"tee", "tee/optee", "tee/optee/abi", "tee/optee/guest", "tee/optee/message", "tee/optee/shared_memory",
                       "tee/optee/tables"},
    "tee/optee/partition": {"tee", "tee/optee", "tee/optee/abi", "tee/optee/message", "tee/optee/model", "tee/optee/tables",
                            "tee/optee/call"},
    "tee/manager": {"tee", "tee/optee", "tee/optee/abi", "tee/optee/message", "tee/optee/model", "tee/optee/shared_memory",
                    "tee/optee/tables"},
}
MAY_HAVE_ASSEMBLY = {"arch", "boot", "lib/c_string.cpp"}  # the last: memcpy and the like, which no host builds
# Boot code makes all objects with static storage at one root; docs/internals/house.md says why these are not there.
MAY_HAVE_GLOBALS = {"arch/cpu/clock.hpp", "arch/runtime.cpp", "arch/memory/tlb.hpp", "boot/fault.cpp", "boot/main.cpp", "boot/system.hpp",
                    "console/log.cpp", "irqchip/gicv2/frames.hpp", "tee/optee/model/model_guard.cpp"}
MOST_LINES = 399  # of a file
MOST_LINES_OF_TEST = 600
MOST_CONCEPTS = 20  # of a folder: a header and its source are one
SOURCE_FOLDERS = ("contract", "hypervisor", "tool", "host", "guests", "examples", "bench", "tests")
SOURCES = {".hpp", ".cpp", ".h", ".c", ".S"}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"/]+)/([^"]+)"', re.MULTILINE)
INCLUDED = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
NAMESPACE = re.compile(r"^namespace (trv::tool[\w:]*) \{", re.MULTILINE)
ASSEMBLY = re.compile(r"\b(?:__)?asm(?:__)?\b\s*(?:volatile|__volatile__|goto|inline)?\s*\(")
GLOBAL = re.compile(r"\bconstinit\b(?! const\b)")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def sources_below(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCES and path.is_file())


def check_includes(layer, text):
    for folder, file in INCLUDE.findall(text):
        if folder != layer and not {folder, f"{folder}/{file}"} & {*HYPERVISOR[layer], "contract"}:
            yield f'{layer}/ must not know "{folder}/{file}"; tests/rules/check_layering.py says what it may'


def check_rooms(room, text):
    if room not in ROOMS:
        yield f"{room}/ is a room without a place in the order"
        return
    for folder in re.findall(r'^\s*#\s*include\s*"([^"]+)/[^"/]+"', text, re.MULTILINE):
        if folder in ROOMS and folder.partition("/")[0] == room.partition("/")[0] and folder not in {room, *ROOMS[room]}:
            yield f"{room}/ must not know {folder}/; tests/rules/check_layering.py says what it may"


def check_assembly(layer, path, text):
    if not {layer, f"{layer}/{path.name}"} & MAY_HAVE_ASSEMBLY and (path.suffix == ".S" or ASSEMBLY.search(COMMENT.sub("", text))):
        yield "assembly belongs into arch/ or boot/"


def check_globals(path, text):
    if path not in MAY_HAVE_GLOBALS and GLOBAL.search(COMMENT.sub("", text)):
        yield "a variable with static storage belongs into boot's System, which hands it down"


def check_hypervisor(root):
    for path in sources_below(root / "hypervisor"):
        layer = path.relative_to(root / "hypervisor").parts[0]
        if layer not in HYPERVISOR:
            yield path, f"{layer}/ is a folder without a place in the order"
            continue
        text = path.read_text()
        room = path.parent.relative_to(root / "hypervisor").as_posix()
        rooms = check_rooms(room, text) if layer in ROOMS else ()
        objects = check_globals(path.relative_to(root / "hypervisor").as_posix(), text)
        for problem in (*check_includes(layer, text), *rooms, *check_assembly(layer, path, text), *objects):
            yield path, problem


def place_of(folder, places):
    """The wing (or guest) that a folder belongs to: the longest name that it begins with."""
    return max((name for name in places if f"{folder}/".startswith(f"{name}/")), key=len, default=None)


def check_wings(root, top, places):
    """Who may include whom below a folder whose sources include each other by their path from the root."""
    for path in sources_below(root / top):
        folder = path.parent.relative_to(root / top).as_posix()
        wing = place_of(folder, places)
        if folder == ".":
            continue  # main() stands above all
        if wing is None:
            yield path, f"{top}/{folder} is a folder without a place in the order"
            continue
        for included in INCLUDED.findall(path.read_text()):
            inside = included.startswith(f"{top}/")
            other = place_of(included.removeprefix(f"{top}/").rpartition("/")[0], places) if inside else None
            names = {other} if other else {included, *(str(parent) for parent in pathlib.PurePosixPath(included).parents)}
            if "/" in included and other != wing and not names & {*places[wing], "contract"}:
                yield path, f'{top}/{wing} must not know "{included}"; tests/rules/check_layering.py says what it may'


def check_namespaces(root):
    for path in sources_below(root / "tool"):
        wing = place_of(path.parent.relative_to(root / "tool").as_posix(), TOOL)
        wanted = "trv::tool" if wing in (None, "support") else "trv::tool::" + wing.replace("/", "::")
        found = set(NAMESPACE.findall(path.read_text()))
        if wing is not None and found and wanted not in found:
            yield path, f"is in the namespace {found.pop()}, its folder's is {wanted}"


def folder_graph(root, top, base):
    """Of the folders below `top`, by what is really included: folder to folder, with a file that includes for each edge. What
    sources include is named by its path from `base`."""
    graph = {}
    for path in sources_below(root / top):
        folder = path.parent.relative_to(root).as_posix()
        edges = graph.setdefault(folder, {})
        for included in INCLUDED.findall(path.read_text()):
            found = base / included
            other = found.parent.relative_to(root).as_posix()
            if other.startswith(f"{top}/") and other != folder and found.exists():
                edges.setdefault(other, path)
    return graph


def check_cycles(root, top, base):
    graph = folder_graph(root, top, base)

    def reachable(start):
        seen, open_ends = set(), [start]
        while open_ends:
            following = set(graph.get(open_ends.pop(), {})) - seen
            seen |= following
            open_ends += following
        return seen

    for folder, edges in graph.items():
        for other, path in edges.items():
            if folder in reachable(other):
                yield path, f"includes from {other}, which in turn includes from {folder}: a cycle between folders"


def picture(places):
    """A line a level, the highest first: a folder uses those below it only."""
    def below(name):
        return {place_of(other.removesuffix(".hpp"), places) for other in places[name]} - {None}

    def level(name):
        return 1 + max(map(level, below(name)), default=0)

    levels = {}
    for name in places:
        levels.setdefault(level(name), []).append(name)
    return "".join("    " + "   ".join(sorted(names)) + "\n" for _, names in sorted(levels.items(), reverse=True))


PICTURES = {"hypervisor": HYPERVISOR, "tool": TOOL, "host": HOST}


def check_pictures(root):
    page = root / "docs/internals/house.md"
    for top, places in PICTURES.items():
        if picture(places) not in page.read_text():
            yield page, f"lacks the picture of {top}/ as it is now; tests/rules/check_layering.py . --picture prints it"


def check_contract(root):
    """What all sides have in common includes nothing of them, and nothing that a freestanding program lacks."""
    for path in sources_below(root / "contract"):
        for name in re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', path.read_text(), re.MULTILINE):
            if not name.startswith("contract/") and name not in FREESTANDING:
                yield path, f"contract/ must not include {name}"


def check_lengths(root):
    for folder in SOURCE_FOLDERS:
        for path in sources_below(root / folder):
            lines = len(path.read_text().splitlines())
            most = MOST_LINES_OF_TEST if folder == "tests" else MOST_LINES
            if lines > most:
                yield path, f"has {lines} lines, and may have {most}: split it by what it is about"


def check_crowds(root):
    for folder in set(SOURCE_FOLDERS) - {"tests"}:
        concepts = {}
        for path in sources_below(root / folder):
            concepts.setdefault(path.parent, set()).add(path.stem)
        for crowded in sorted(place for place, stems in concepts.items() if len(stems) > MOST_CONCEPTS):
            yield crowded, f"has {len(concepts[crowded])} concepts, and may have {MOST_CONCEPTS}: give it rooms"


def main():
    root = pathlib.Path(sys.argv[1])
    if "--picture" in sys.argv:
        for top, places in PICTURES.items():
            print(f"{top}/\n{picture(places)}")
        return 0
    problems = [*check_hypervisor(root), *check_contract(root), *check_lengths(root), *check_crowds(root)]
    problems += [*check_wings(root, "tool", TOOL), *check_wings(root, "host", HOST), *check_wings(root, "guests", GUESTS)]
    problems += check_namespaces(root)
    problems += [*check_cycles(root, "hypervisor", root / "hypervisor"), *check_cycles(root, "tool", root)]
    problems += [*check_cycles(root, "host", root), *check_cycles(root, "guests", root), *check_pictures(root)]
    for path, problem in problems:
        print(f"{path.relative_to(root)}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
