#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over the hypervisor's portable sources, as many at a time as there are CPUs, and fails on a finding.

Takes minutes (about 2.5 s of CPU time per file), hence only with `./trivisor test --full`. The sources are those that the
host's build compiles against tests/fakes; .clang-tidy says what is checked.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

PROGRAM = "clang-tidy-19"


def portable_sources(root, build):
    """Of the compile commands, those of the library that the unit tests link."""
    hypervisor = root / "hypervisor"
    for command in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(command["file"])
        if file.is_relative_to(hypervisor):
            yield file


def lint(build, file):
    """What clang-tidy prints about a file; empty if it is clean."""
    run = subprocess.run([PROGRAM, "-p", build, "--quiet", file], capture_output=True, text=True, check=False)
    return run.stdout + run.stderr if run.returncode != 0 else ""


def main():
    root, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = sorted(set(portable_sources(root, build)))
    if len(files) < 50:
        sys.exit(f"{build}: has only {len(files)} of the hypervisor's sources, fewer than this check expects")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [text for text in pool.map(lambda file: lint(build, file), files) if text]
    for text in findings:
        print(text)
    print(f"{len(files)} files, {len(findings)} with findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
