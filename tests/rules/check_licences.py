#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every source file has its licence line: prints the files without one, and fails.

The line is `SPDX-License-Identifier: Apache-2.0`, as a comment among the first lines. Data has none: recorded output, seeds,
results, tests' inputs, and formats without comments. Examples and the template of `ta new` have the line as well: that
licence permits users to build on them under their own terms.
"""

import pathlib
import subprocess
import sys

LINE = "SPDX-License-Identifier: Apache-2.0"
FIRST_LINES = 3  # after "#!", or after a line that another program reads first
SUFFIXES = {".c", ".h", ".cpp", ".hpp", ".S", ".ld", ".py", ".sh", ".cmake", ".toml", ".mk"}
NAMES = {"CMakeLists.txt", "Makefile", "Kconfig", "trivisor", "init", "run"}
# Recorded or machine-made content, and inputs of tests that name their lines.
DATA = ("tests/fuzz/seeds/", "docs/benchmarks/", "tests/system/ta/", "tests/system/machines/")


def sources(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=False).stdout.splitlines()
    # Without git, as in an unpacked archive: everything but what is built.
    files = listed or [str(file.relative_to(root)) for file in pathlib.Path(root).rglob("*")
                       if file.relative_to(root).parts[0] not in ("build", ".git")]
    for name in sorted(files):
        file = pathlib.Path(root) / name
        if file.is_file() and not name.startswith(DATA) and (file.suffix in SUFFIXES or file.name in NAMES):
            yield name, file


def main():
    root = sys.argv[1]
    missing = [name for name, file in sources(root)
               if not any(LINE in line for line in file.read_text(errors="replace").splitlines()[:FIRST_LINES])]
    for name in missing:
        print(f"{name}: no line '{LINE}' at its beginning")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
