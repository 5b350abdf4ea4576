#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the documentation to what is there: prints what it lacks, and fails. What it checks:

Links lead to files and headings that exist. A link to a line, whose text is a function's name in backticks, leads to a line
that has the name. The mediator's diagram is its table of stages. Every key of a machine description and of a VM that the host
makes, and every build option, has a row in a table of its page. The page of commands names every command of ./trivisor and
every option. Unit tests (`Suite.Name`) that any page names exist, and so do system tests ("area: what it shows", of which …
stands for any part) that features, limits, conformance and the threat model name. It does not read what is said about them.
"""

import fnmatch
import pathlib
import re
import sys
import tomllib

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LINE = re.compile(r"\[`([^`\n]+)`\]\(([^)#\s]+)#L(\d+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"^(?:```.*?^```|    .*?$)|`[^`\n]*`", re.MULTILINE | re.DOTALL)

MACHINES = "docs/guide/machine-descriptions.md"
VMS = "docs/guide/vms-from-the-host.md"
# Where the readers of descriptions list the keys they know, and the pages that explain them.
KEY_LISTS = [
    ("tool/machine/readers/machine_reader.cpp", r"\bmachine_keys", [MACHINES]),
    ("tool/machine/readers/disk_reader.cpp", r"\bdisk_keys", [MACHINES]),
    ("tool/machine/readers/optee_reader.cpp", r"\bkeys", [MACHINES]),
    ("tool/machine/readers/vm_reader.cpp", r"\bknown\.insert\(known\.end\(\), ", [MACHINES, VMS]),
    ("tool/machine/readers/vm_disk_reader.cpp", r"\bvm_disk_keys", [VMS]),
    ("tool/machine/readers/vm_net_reader.cpp", r"\bvm_net_keys", [VMS]),
    ("tool/machine/readers/vm_share_reader.cpp", r"\bvm_share_keys", [VMS]),
]
KEY_CONSTANT = re.compile(r'std::string_view (\w+_key) = "(\w+)";')
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


def listed_keys(text, name, constants):
    """Of a list in a source file, whose items are written or constants; none if there is no such list."""
    found = re.search(name + r"\{([^}]*)\}", text)
    return [written or constants[constant] for written, constant in re.findall(r'"(\w+)"|(\w+)', found.group(1))] if found else []


def machine_keys(root):
    """Of each page: the keys that it has to explain."""
    sources = [file.read_text() for file in sorted((root / "tool/machine").rglob("*.[ch]pp"))]
    constants = dict(KEY_CONSTANT.findall("\n".join(sources)))
    keys = {MACHINES: PROPERTY_ROW.findall((root / "contract/machine_tree.hpp").read_text()), VMS: []}
    if len(keys[MACHINES]) < 15:
        sys.exit("contract/machine_tree.hpp: its rows are not where this check expects them")
    for file, name, explained in KEY_LISTS:
        listed = listed_keys((root / file).read_text(), name, constants)
        if not listed:
            sys.exit(f"{file}: its keys are not where this check expects them")
        for page in explained:
            keys[page] += listed
    return keys


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


def system_tests(root):
    for file in sorted((root / "tests/system").glob("*.toml")):
        yield from (case["name"] for case in tomllib.loads(file.read_text())["case"])


def missing_system_tests(text, tests):
    """System tests that a page names, "area: what it shows", of which … stands for any part."""
    for part in re.split(r"\n\s*\n|\n(?=[|*-] )", CODE.sub("", text)):
        for name in re.findall(r'"([^"]+: [^"]+)"', " ".join(part.split())):
            pattern = ".*".join(re.escape(piece) for piece in name.split("…"))
            if not any(re.fullmatch(pattern, test) for test in tests):
                yield f'names the system test "{name}", which does not exist'


def main():
    root = pathlib.Path(sys.argv[1])
    problems = [(page, problem) for page in pages(root) for problem in (*broken_links(page), *stale_lines(page))]
    mediator = root / "docs/internals/mediator.md"
    problems += [(mediator, problem) for problem in stages(root, mediator)]
    for name, keys in machine_keys(root).items():
        problems += [(root / name, problem) for problem in unexplained(root / name, keys, "the key")]
    options = root / "docs/guide/build-options.md"
    problems += [(options, problem) for problem in unexplained(options, build_options(root), "the option")]
    commands = root / "docs/guide/commands.md"
    problems += [(commands, problem) for problem in unmentioned_commands(root, commands)]
    problems += [(page, problem) for page in pages(root) for problem in missing_tests(root, page)]
    tests = list(system_tests(root))
    for name in ("features", "limits", "conformance", "threat-model"):
        page = root / f"docs/{name}.md"
        problems += [(page, problem) for problem in missing_system_tests(page.read_text(), tests)]
    for page, problem in problems:
        print(f"{page.relative_to(root)}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
