#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds the instruction sequences that errata of Cortex-A53 concern, and fails if the image has one.

usage: check_a53.py IMAGE.elf

835769: a 64-bit multiply-accumulate directly behind a load, store or prefetch may give a wrong result.
843419: ADRP in the last two words of a 4 KiB page, then a load or store that leaves ADRP's result in its register, then, after
at most one more instruction, one whose base is that result: it may access a wrong address.
"""

import re
import subprocess
import sys

LINE = re.compile(r"^\s*([0-9a-f]+):\s+([0-9a-f]{8})\s+(\S+)\s*(.*)$")
MEMORY = re.compile(r"^(ld|st|prfm|cas|swp)")
MULTIPLY = re.compile(r"^(madd|msub|[su]maddl|[su]msubl)$")


def instructions(image):
    text = subprocess.run(["llvm-objdump-19", "-d", image], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        found = LINE.match(line)
        if found:
            yield int(found[1], 16), found[3], found[4]


def is_835769(before, after):
    # W registers are unaffected. A NOP between the two is what the compiler puts there.
    return MEMORY.match(before[1]) and MULTIPLY.match(after[1]) and after[2].startswith("x")


def is_843419(window):
    adrp, access, *rest = window
    if adrp[1] != "adrp" or adrp[0] % 4096 not in (0xff8, 0xffc) or not MEMORY.match(access[1]):
        return False
    register = adrp[2].split(",")[0]
    if access[1].startswith("ld") and re.search(rf"\b[xw]{register[1:]}\b", access[2].split("[")[0]):
        return False
    based = re.compile(rf"\[{register}[\],]")
    return any(MEMORY.match(name) and based.search(operands) for _, name, operands in rest)


def main():
    code = list(instructions(sys.argv[1]))
    if len(code) < 1000:
        sys.exit(f"{sys.argv[1]}: no code")
    found = [f"{code[i][0]:#x}: erratum 835769" for i in range(len(code) - 1) if is_835769(code[i], code[i + 1])]
    found += [f"{code[i][0]:#x}: erratum 843419" for i in range(len(code) - 3) if is_843419(code[i : i + 4])]
    print("\n".join(found) or f"{len(code)} instructions, no such sequence")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
