#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the gdb scripts to what they read: each member, type and variable that they name exists in its sources.

gdb itself is not among the packages that the tests need, so this reads the scripts' syntax trees instead. OP-TEE's source is
there only after a setup has fetched it.
"""

import ast
import pathlib
import re
import sys

HELPERS = "scripts/gdb/trivisor.py"
TA = "scripts/gdb/ta.py"
TA_SETTINGS = "tool/ta/debug/gdb.cpp"  # gives ta.py its settings
OPTEE = "build/cache/packages/sid/optee-os"
LIBRARY = re.compile(r"^_M_")  # the standard library's members


def tree_of(root, script):
    return ast.parse((root / script).read_text(), script)


def words(files):
    return set(re.findall(r"\w+", "\n".join(re.sub(r"//.*", "", file.read_text(errors="replace")) for file in files)))


def members(tree):
    """Of value["member"], with the names of the values and the lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            yield node.lineno, getattr(node.value, "id", ""), node.slice.value


def texts(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def helper_names(tree):
    """Members and qualified names of ours ("trv::…") with the lines that use them."""
    yield from ((line, name) for line, _, name in members(tree) if not LIBRARY.match(name))
    for line, text in texts(tree):
        for qualified in re.findall(r"trv::[\w:() ]*?(\w+)(?='|$)", text):
            yield line, qualified


def optee_names(tree):
    """Members, structures, functions and variables of OP-TEE's core."""
    yield from ((line, name) for line, value, name in members(tree) if value not in ("SETTINGS", "CLIENT") and not name.isupper())
    for line, text in texts(tree):
        for name in re.findall(r"^(?:struct |\*)?([a-z]+(?:_[a-z]+)+)$", text):
            yield line, name


def missing(script, used, known, least, place):
    if len(used) < least:
        sys.exit(f"{script}: names its members in another way than this check expects")
    for line, name in sorted(used):
        if name not in known:
            yield f"{script}:{line}: {name} does not exist in {place}"


def problems(root):
    hypervisor = [file for pattern in ("*.hpp", "*.cpp") for file in (root / "hypervisor").rglob(pattern)]
    yield from missing(HELPERS, set(helper_names(tree_of(root, HELPERS))), words(hypervisor), 20, "hypervisor/")
    tree = tree_of(root, TA)
    given = set(re.findall(r'\{"(\w+)", ', (root / TA_SETTINGS).read_text()))
    settings = {(line, name) for line, value, name in members(tree) if value == "SETTINGS"}
    yield from missing(TA, settings, given, 5, TA_SETTINGS)
    core = root / OPTEE / "core"
    if core.exists():
        files = [file for part in (core, root / OPTEE / "ldelf", root / OPTEE / "lib" / "libutee") for file in part.rglob("*.[ch]")]
        yield from missing(TA, set(optee_names(tree)), words(files), 12, OPTEE)


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
