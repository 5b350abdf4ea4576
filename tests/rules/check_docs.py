#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the documentation to what is there: prints what it lacks, and fails.

Links lead to files, headings and lines that exist; the mediator's diagram is its table of stages; every key of a machine description, every build option, every command and every
option of a command is explained; the tests that the threat model names exist.
"""

import fnmatch
import pathlib
import re
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LINE = re.compile(r"\[`([^`\n]+)`\]\(([^)#\s]+)#L(\d+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"^(?:```.*?^```|    .*?$)|`[^`\n]*`", re.MULTILINE | re.DOTALL)

# Where the readers of machine descriptions list the keys they know.
KEY_LISTS = {
    "tool/machine/machine_reader.cpp": "machine_keys",
    "tool/machine/disk_reader.cpp": "disk_keys",
    "tool/machine/vm_disk_reader.cpp": "vm_disk_keys",
}
PROPERTY_ROW = re.compile(r'\{\s*"[\w-]+",\s*"(\w+)",\s*"[^"]* ')  # of contract/machine_tree.hpp: name, key, meaning


def pages(root):
    yield from sorted(root.glob("*.md"))
    for folder in ("docs", "examples", "tests", "tool"):
        yield from sorted((root / folder).rglob("*.md"))


def anchors(page):
    """As GitHub makes them of headings."""
    for heading in HEADING.findall(page.read_text()):
        yield re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken_links(page):
    for target in LINK.findall(CODE.sub("", page.read_text())):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if not file.exists():
            yield f"leads to {target}, which does not exist"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"leads to {target}, but {file.name} has no such heading"


def stale_lines(page):
    """Links to a line of a source file: the function that the link names is there."""
    for name, path, number in LINE.findall(page.read_text()):
        file = page.parent / path
        lines = file.read_text().splitlines() if file.exists() else []
        if f"{name}(" not in "".join(lines[int(number) - 1:int(number)]):
            where = [str(place) for place, line in enumerate(lines, 1) if f"{name}(" in line]
            yield f"names {name} at {path}#L{number}; it is at line {' or '.join(where) or '?'}"


def stages(root, page):
    """The mediator's diagram against its table of stages."""
    source = (root / "hypervisor/tee/optee/call/stages.hpp").read_text()
    rows = re.findall(r"^    \{(\w+), (guest|any),\s*to\(\{([^}]*)\}\)\},$", source, re.MULTILINE)
    follow = {stage: set(re.findall(r"\w+", following)) for stage, _, following in rows if following}
    text = page.read_text()
    drawn = {stage: set(re.findall(r"\w+", following)) for stage, following in re.findall(r"^    (\w+) --> (.*)$", text, re.MULTILINE)}
    for stage in sorted(follow.keys() | drawn.keys()):
        if follow.get(stage) != drawn.get(stage):
            yield f"draws {stage} --> {drawn.get(stage)}, which the table of stages has as {follow.get(stage)}"
    dashed = re.search(r"^    class ([\w,]+) guest$", text, re.MULTILINE)
    if not rows or not dashed or set(dashed.group(1).split(",")) != {stage for stage, needs, _ in rows if needs == "guest"}:
        yield "marks other stages as needing a guest than the table of stages"


def machine_keys(root):
    for file, name in KEY_LISTS.items():
        found = re.search(rf"{name}\{{([^}}]*)\}}", (root / file).read_text())
        if not found:
            sys.exit(f"{file}: {name} is not where this check expects it")
        yield from re.findall(r'"(\w+)"', found.group(1))
    keys = PROPERTY_ROW.findall((root / "contract/machine_tree.hpp").read_text())
    if len(keys) < 15:
        sys.exit("contract/machine_tree.hpp: its rows are not where this check expects them")
    yield from keys


def build_options(root):
    return re.findall(r"^config (\w+)$", (root / "Kconfig").read_text(), re.MULTILINE)


def unmentioned_commands(root, page):
    """Of the commands and options that the tool defines."""
    text = page.read_text()
    source = "\n".join(file.read_text() for file in sorted((root / "tool/commands").glob("*.cpp")))
    commands = set(re.findall(r'add_subcommand\(\s*"(\w+)"', source))
    options = set(re.findall(r'add_(?:option|flag)\(\s*"(?:-\w,)?(--[\w-]+)"', source))
    if not commands or not options:
        sys.exit("tool/commands: defines its commands in another way than this check expects")
    for name in sorted(commands):
        if not re.search(rf"`(?:\w+ )?{name}\b", text):
            yield f"does not mention the command {name}"
    for name in sorted(options):
        if not re.search(rf"`[^`]*{name}\b", text):
            yield f"does not mention the option {name}"


def unexplained(page, names, what):
    tables = "\n".join(line for line in page.read_text().splitlines() if line.startswith("|"))
    for name in names:
        if f"`{name}`" not in tables:
            yield f"has no row for {what} {name}"


def missing_tests(root, page):
    """Unit tests that a page names, `Suite.Name`; either may have an asterisk."""
    sources = "\n".join(file.read_text() for file in (root / "tests/unit").rglob("*.cpp"))
    tests = [f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", sources, re.MULTILINE)]
    for pattern in re.findall(r"`([A-Z*][\w*]*\.[A-Z*][\w*]*)`", page.read_text()):
        if not any(fnmatch.fnmatchcase(test, pattern) for test in tests):
            yield f"names the test {pattern}, which does not exist"


def main():
    root = pathlib.Path(sys.argv[1])
    problems = [(page, problem) for page in pages(root) for problem in (*broken_links(page), *stale_lines(page))]
    mediator = root / "docs/internals/mediator.md"
    problems += [(mediator, problem) for problem in stages(root, mediator)]
    descriptions = root / "docs/guide/machine-descriptions.md"
    problems += [(descriptions, problem) for problem in unexplained(descriptions, machine_keys(root), "the key")]
    options = root / "docs/guide/build-options.md"
    problems += [(options, problem) for problem in unexplained(options, build_options(root), "the option")]
    commands = root / "docs/guide/commands.md"
    problems += [(commands, problem) for problem in unmentioned_commands(root, commands)]
    model = root / "docs/threat-model.md"
    problems += [(model, problem) for problem in missing_tests(root, model)]
    for page, problem in problems:
        print(f"{page.relative_to(root)}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
