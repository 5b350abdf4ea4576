#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our C++ is laid out as .clang-format says: prints the files that are not, and fails."""

import pathlib
import subprocess
import sys

FORMATTER = "clang-format-19"
FOLDERS = ("contract", "guests", "hypervisor", "tests", "tool")


def sources(root):
    return sorted(str(path) for folder in FOLDERS for suffix in ("cpp", "hpp") for path in (root / folder).rglob(f"*.{suffix}"))


def complaints(files):
    done = subprocess.run([FORMATTER, "--dry-run", *files], capture_output=True, text=True, check=False)
    return done.stderr.splitlines() if done.returncode == 0 else [f"{FORMATTER} failed: {done.stderr}"]


def main():
    root = pathlib.Path(sys.argv[1])
    wrong = [line for line in complaints(sources(root)) if "warning:" in line or "failed" in line]
    print("\n".join(wrong))
    if wrong:
        print(f"Reformat them with {FORMATTER} -i FILE.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
