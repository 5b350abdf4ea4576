#!/usr/bin/python3
"""Writes the symbol table of a linked image as assembly: make_symbols.py NM IMAGE.elf > symbols.S"""

import re
import subprocess
import sys


def short_name(name):
    """Without arguments and noise: what a backtrace needs is where, not which overload."""
    name = name.replace("(anonymous namespace)::", "")
    name = re.sub(r"\[abi:\w+\]", "", name)
    depth = 0
    for i, c in enumerate(name):
        if c == "<":
            depth += 1
        elif c == ">":
            depth -= 1
        elif c == "(" and depth == 0 and i > 0:
            name = name[:i]
            break
    return name.removeprefix("trv::")[:60]


def functions(nm, image):
    out = subprocess.run([nm, "--demangle", "--defined-only", image], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in out.splitlines():
        address, kind, name = line.split(" ", 2)
        if kind in "tTwW" and not name.startswith(("$", "image_")):
            found.setdefault(int(address, 16), short_name(name))
    return sorted(found.items())


def main():
    table = functions(sys.argv[1], sys.argv[2])
    names = {}
    size = 0
    for _, name in table:
        if name not in names:
            names[name] = size
            size += len(name.encode()) + 1
    print('    .section .symbols, "a"')
    print("    .balign 8")
    print(f"    .long {len(table)}, {8 + 8 * len(table)}")
    for address, name in table:
        print(f"    .long {address:#x}, {names[name]}")
    for name in names:
        print(f'    .asciz "{name}"')


main()
