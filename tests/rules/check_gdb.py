#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the gdb helpers to the hypervisor: each member, type and variable that they name exists in its sources.

gdb itself is not among the packages that the tests need, so this reads the helpers' syntax tree instead.
"""

import ast
import pathlib
import re
import sys

HELPERS = "scripts/gdb/trivisor.py"
LIBRARY = re.compile(r"^_M_")  # the standard library's members


def names(tree):
    """Members (value["member"]) and qualified names of ours ("trv::…") with the lines that use them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            if not LIBRARY.match(node.slice.value):
                yield node.lineno, node.slice.value
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for qualified in re.findall(r"trv::[\w:() ]*?(\w+)(?='|$)", node.value):
                yield node.lineno, qualified


def main():
    root = pathlib.Path(sys.argv[1])
    helpers = root / HELPERS
    sources = "\n".join(file.read_text() for pattern in ("*.hpp", "*.cpp")
                        for file in sorted((root / "hypervisor").rglob(pattern)))
    known = set(re.findall(r"\w+", re.sub(r"//.*", "", sources)))
    used = set(names(ast.parse(helpers.read_text(), str(helpers))))
    if len(used) < 20:
        sys.exit(f"{HELPERS}: names its members in another way than this check expects")
    missing = sorted((line, name) for line, name in used if name not in known)
    for line, name in missing:
        print(f"{HELPERS}:{line}: {name} does not exist in hypervisor/")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
