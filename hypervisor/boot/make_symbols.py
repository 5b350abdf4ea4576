#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the symbol table of a linked image as assembly: make_symbols.py NM IMAGE.elf > symbols.S

The number of functions, then each of them in the order of their addresses: the distance from the one before it, how many bytes
of its name are those of the one before it, and the rest of its name. That is half of what plain offsets and names take."""

import os
import re
import subprocess
import sys


def without_template_arguments(name):
    depth, out = 0, []
    for part in re.split(r"(operator(?:<=>|<<=?|>>=?|<=|>=|->\*?|<|>)|[<>])", name):
        if part == "<":
            depth += 1
        elif part == ">":
            depth -= 1
        elif depth == 0:
            out.append(part)
    return "".join(out)


def short_name(name):
    """Without arguments, those of templates, results and noise: what a backtrace needs is where, not which overload."""
    name = name.replace("(anonymous namespace)::", "").removeprefix("non-virtual thunk to ")
    name = without_template_arguments(re.sub(r"\[abi:\w+\]", "", name))
    end = name.find("(", 1)
    name = name[:end] if end > 0 else name
    name = re.sub(r"^.* (?=\S*operator)", "", name) if "operator" in name else name.rpartition(" ")[2]
    return name.removeprefix("trv::")[:60]


def functions(nm, image):
    out = subprocess.run([nm, "--demangle", "--defined-only", image], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in out.splitlines():
        address, kind, name = line.split(" ", 2)
        if kind in "tTwW" and not name.startswith(("$", "image_")):
            found.setdefault(int(address, 16), short_name(name))
    return sorted(found.items())


def encoded(distance):
    """Seven bits a byte, the lowest first; the highest bit says that another byte follows."""
    out = []
    while distance >= 0x80:
        out.append(distance & 0x7F | 0x80)
        distance >>= 7
    return [*out, distance]


def main():
    table = functions(sys.argv[1], sys.argv[2])
    print('    .section .symbols, "a"')
    print("    .balign 4")
    print(f"    .long {len(table)}")
    last_address, last_name = 0, ""
    for address, name in table:
        kept = len(os.path.commonprefix([last_name, name]))
        print(f"    .byte {', '.join(map(str, encoded(address - last_address)))}, {kept}")
        print(f'    .asciz "{name[kept:]}"')
        last_address, last_name = address, name


if __name__ == "__main__":
    main()
