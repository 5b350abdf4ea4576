#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the hypervisor's folders to their order: prints what breaks it, and fails.

Which folder may include which is written down here, and nowhere else.
"""

import pathlib
import re
import sys

# What each folder may include of the others: a whole folder, or single headers where no more is meant to be known.
ALLOWED = {
    # The two seams that even the smallest pieces need: time, and how a CPU waits.
    "lib": {"arch/clock.hpp", "arch/relax.hpp", "generated"},
    "arch": {"lib", "console/serial_port.hpp", "generated/config.h"},  # the interface that the PL011 driver has
    "memory": {"lib", "arch"},
    "console": {"lib", "arch/clock.hpp", "arch/relax.hpp"},
    "machine": {"lib"},
    "trace": {"lib", "arch/clock.hpp"},
    "vdev": {"lib", "arch", "console/byte_sink.hpp", "console/channel.hpp"},
    "tee": {"lib", "arch", "memory", "vdev/interrupt_line.hpp", "generated"},
    "no_tee": {"lib", "tee", "vdev/interrupt_line.hpp"},  # what stands in for tee in an image without
    "vm": {"lib", "arch", "memory", "console", "machine", "trace", "vdev", "tee", "generated"},
    "boot": {"lib", "arch", "memory", "console", "machine", "vdev", "tee", "vm", "generated"},
}
MAY_HAVE_ASSEMBLY = {"arch", "boot", "lib/c_string.cpp"}  # the last: memcpy and the like, which no host builds
LONGEST_FILE = 600  # lines
SOURCE_FOLDERS = ("hypervisor", "tool", "guests", "examples", "bench", "tests")
SOURCES = {".hpp", ".cpp", ".h", ".c", ".S"}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"/]+)/([^"]+)"', re.MULTILINE)
ASSEMBLY = re.compile(r"\b(?:__)?asm(?:__)?\b\s*(?:volatile|__volatile__|goto|inline)?\s*\(")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def sources_below(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCES and path.is_file())


def check_includes(layer, text):
    for folder, file in INCLUDE.findall(text):
        if folder != layer and not {folder, f"{folder}/{file}"} & ALLOWED[layer]:
            yield f'{layer}/ must not know "{folder}/{file}"; tests/rules/check_layering.py says what it may'


def check_assembly(layer, path, text):
    if not {layer, f"{layer}/{path.name}"} & MAY_HAVE_ASSEMBLY and (path.suffix == ".S" or ASSEMBLY.search(COMMENT.sub("", text))):
        yield "assembly belongs into arch/ or boot/"


def check_hypervisor(root):
    for path in sources_below(root / "hypervisor"):
        layer = path.relative_to(root / "hypervisor").parts[0]
        if layer not in ALLOWED:
            yield path, f"{layer}/ is a folder without a place in the order"
            continue
        text = path.read_text()
        for problem in (*check_includes(layer, text), *check_assembly(layer, path, text)):
            yield path, problem


def check_lengths(root):
    for folder in SOURCE_FOLDERS:
        for path in sources_below(root / folder):
            lines = len(path.read_text().splitlines())
            if lines > LONGEST_FILE:
                yield path, f"has {lines} lines; at {LONGEST_FILE} it is to be split"


def main():
    root = pathlib.Path(sys.argv[1])
    problems = [*check_hypervisor(root), *check_lengths(root)]
    for path, problem in problems:
        print(f"{path.relative_to(root)}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
